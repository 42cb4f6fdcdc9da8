// BigInt: factorials, modular powers, gcd, primality, conversions and what refuses to mix.
const factorial = (n) => (n <= 1n ? 1n : n * factorial(n - 1n));

function powmod(base, exponent, modulus) {
  let result = 1n;
  for (base %= modulus; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}

const gcd = (a, b) => (b === 0n ? a : gcd(b, a % b));

function isProbablePrime(n) {
  if (n < 2n) return false;
  for (const p of [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n]) {
    if (n % p === 0n) return n === p;
  }
  let d = n - 1n, r = 0;
  while (!(d & 1n)) { d >>= 1n; r++; }
  witness: for (const a of [2n, 3n, 5n, 7n, 11n]) {
    let x = powmod(a, d, n);
    if (x === 1n || x === n - 1n) continue;
    for (let i = 1; i < r; i++) {
      x = (x * x) % n;
      if (x === n - 1n) continue witness;
    }
    return false;
  }
  return true;
}

const errors = [() => 1n + 1, () => Math.max(1n), () => BigInt(1.5), () => JSON.stringify(1n), () => +1n].map((f) => {
  try { return f(); } catch (e) { return e.name; }
});

console.log(factorial(30n), [1n, -2n], { big: 2n ** 64n });
return {
  factorial: String(factorial(30n)),
  powmod: String(powmod(3n, 1_000_003n, 1_000_000_007n)),
  gcd: gcd(1071n, 462n),
  primes: [2n ** 61n - 1n, 2n ** 61n + 1n, 561n, 1_000_000_007n].map(isProbablePrime),
  division: [-7n / 2n, -7n % 2n].map(String),
  hex: (255n ** 5n).toString(16),
  parsed: [BigInt("0xff"), BigInt("  42 "), BigInt(true)].map(Number),
  wrap: [BigInt.asIntN(8, 200n), BigInt.asUintN(8, -1n)].map(Number),
  compare: [2n == 2, 2n === 2, 2n < 2.5, [3n, 1, 2n].sort().map(String)],
  errors,
};
