// A bank account with private fields, private methods, private accessors, a brand check and a static block.
class Account {
  #balance = 0;
  #history = [];
  static #rates = new Map();
  static currencies;

  static {
    for (const [currency, rate] of Object.entries({ EUR: 1, USD: 1.08, PLN: 4.4 })) this.#rates.set(currency, rate);
    this.currencies = [...this.#rates.keys()];
  }

  static #convert(amount, currency) {
    const rate = Account.#rates.get(currency);
    if (rate === undefined) throw new TypeError(`unknown currency ${currency}`);
    return Math.round((amount / rate) * 100) / 100;
  }

  get #last() { return this.#history.at(-1); }

  #record(kind, amount) {
    this.#history.push({ kind, amount, balance: this.#balance });
    return this;
  }

  deposit(amount, currency = "EUR") {
    const euros = Account.#convert(amount, currency);
    this.#balance += euros;
    return this.#record("deposit", euros);
  }

  withdraw(amount) {
    if (amount > this.#balance) throw new RangeError(`insufficient funds: ${this.#balance} < ${amount}`);
    this.#balance -= amount;
    return this.#record("withdraw", amount);
  }

  static isAccount(value) { return typeof value === "object" && value !== null && #balance in value; }
  toJSON() { return { balance: this.#balance, last: this.#last, entries: this.#history.length }; }
}

const account = new Account().deposit(100).deposit(54, "USD").withdraw(30);
const errors = [];
for (const attempt of [
  () => account.withdraw(1e6),
  () => account.deposit(1, "XXX"),
  () => account.deposit.call({}, 1),
]) {
  try {
    attempt();
  } catch (error) {
    errors.push(error.name === "TypeError" ? "TypeError" : error.message);
  }
}

console.log(account, Object.keys(account));
console.log(Account.currencies);
return {
  account,
  errors,
  brand: [account, {}, null].map(Account.isAccount),
  hidden: account["#balance"] === undefined,
};
