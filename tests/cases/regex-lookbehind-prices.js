// Pulls amounts out of prose with lookbehind and lookahead.
const text = "Total: $1,299.50 (was €1,499.00), shipping $15, item #42, 30% off, weight 2.5kg, SKU-7781 and $0.99.";

const dollars = text.match(/(?<=\$)[\d,]+(?:\.\d{2})?/g);
const euros = text.match(/(?<=€)[\d,]+(?:\.\d{2})?/g);
const notMoney = text.match(/(?<![$€\d,.])\b\d+(?:\.\d+)?(?![\d,.]*\d)/g);
const percent = text.match(/\d+(?=%)/g);

const amounts = dollars.map((amount) => Number(amount.replaceAll(",", "")));
const withThousands = (value) => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

// camelCase to words, splitting where a lower-case letter meets an upper-case one
const words = "parseHTTPResponseBody".split(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/);

const strong = (password) => /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?!.*\s).{8,}$/.test(password);

console.log(dollars.join(" | "));
console.log(words);

return {
  dollars,
  euros,
  notMoney,
  percent,
  total: amounts.reduce((sum, amount) => sum + amount, 0).toFixed(2),
  grouped: [1, 1234, 1234567, 1234567890].map(withThousands),
  passwords: ["Secret123", "secret123", "Sec ret123", "S3c"].map(strong),
};
