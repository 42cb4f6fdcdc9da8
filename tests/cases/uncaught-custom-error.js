// Validates an order and lets the validation error leave the script.
class ValidationError extends Error {
  name = "ValidationError";
  constructor(problems) {
    super(problems.map(({ path, problem }) => `${path} ${problem}`).join("; "));
    this.problems = problems;
  }
}

const rules = {
  customer: [(v) => typeof v === "string" && v.length > 0, "is required"],
  quantity: [(v) => Number.isInteger(v) && v > 0, "must be a positive integer"],
  "address.zip": [(v) => /^\d{5}$/.test(v), "must have five digits"],
  "address.city": [(v) => Boolean(v), "is required"],
};

const get = (object, path) => path.split(".").reduce((value, key) => value?.[key], object);

function validate(order) {
  const problems = Object.entries(rules)
    .filter(([path, [isValid]]) => !isValid(get(order, path)))
    .map(([path, [, problem]]) => ({ path, problem }));
  if (problems.length > 0) throw new ValidationError(problems);
  return order;
}

const good = validate({ customer: "Ann", quantity: 2, address: { zip: "00950", city: "Warsaw" } });
console.log("accepted", good);

validate({ customer: "Bob", quantity: 0, address: { zip: "12a45" } });
console.log("not reached");
