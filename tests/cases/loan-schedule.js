// An amortisation schedule in integer cents, with dates, totals and a CSV-ready form.
const toCents = (amount) => Math.round(amount * 100);
const money = (cents) => {
    const sign = cents < 0 ? "-" : "";
    const [whole, rest] = [Math.trunc(Math.abs(cents) / 100), Math.abs(cents) % 100];
    return `${sign}${whole.toLocaleString("en-US")}.${String(rest).padStart(2, "0")}`;
};

function* schedule({ principal, yearlyPercent, months, first }) {
    const rate = yearlyPercent / 100 / 12;
    const payment =
        rate === 0 ? Math.ceil(principal / months) : Math.round((principal * rate) / (1 - (1 + rate) ** -months));
    let balance = principal;
    for (let month = 0; month < months && balance > 0; month++) {
        const date = new Date(first);
        date.setUTCMonth(date.getUTCMonth() + month);
        const interest = Math.round(balance * rate);
        const paid = month === months - 1 ? balance + interest : Math.min(payment, balance + interest);
        balance -= paid - interest;
        yield { month: month + 1, date: date.toISOString().slice(0, 10), paid, interest, balance };
    }
}

const loan = { principal: toCents(12_000), yearlyPercent: 6.5, months: 12, first: Date.UTC(2023, 11, 15) };
const rows = [...schedule(loan)];

console.log(
    ["#", "date", "payment", "interest", "balance"]
        .map((head, i) => (i < 2 ? head.padEnd(i ? 10 : 3) : head.padStart(11)))
        .join(" "),
);
for (const { month, date, paid, interest, balance } of rows) {
    if (month > 2 && month < 11) continue;
    console.log(String(month).padEnd(3), date, ...[paid, interest, balance].map((cents) => money(cents).padStart(11)));
}

const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
const split = (cents, parts) =>
    Array.from({ length: parts }, (_, i) => Math.floor(cents / parts) + (i < cents % parts ? 1 : 0));

return {
    payments: rows.length,
    total: money(total("paid")),
    interest: money(total("interest")),
    balanced: total("paid") - total("interest") === loan.principal,
    last: rows.at(-1),
    free: [...schedule({ ...loan, yearlyPercent: 0, months: 7, principal: 1000 })].map(({ paid }) => paid),
    split: split(1000, 3),
    pitfalls: [0.1 + 0.2 === 0.3, toCents(1.005), (1.1 * 3).toFixed(2), money(-123456789)],
};
