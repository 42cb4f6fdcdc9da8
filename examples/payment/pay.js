// Somebody is asked before `pay` is called: with --pause-on ask the run waits for that without a process.
const bill = await tools.bills.next({});
console.log(`a bill of ${bill.amount} from ${bill.from}`);
const receipt = await tools.pay({ to: bill.from, amount: bill.amount });
return `paid ${bill.from}: receipt ${receipt.number}`;
