// A script that is one exported function: it is called without arguments.
export default async function main(options = {}) {
  const { limit = 5, start = 1 } = options;
  const collatz = (n) => {
    const path = [n];
    while (n !== 1) {
      n = n % 2 === 0 ? n / 2 : 3 * n + 1;
      path.push(n);
    }
    return path;
  };

  const paths = Array.from({ length: limit }, (_, i) => collatz(start + i));
  const longest = paths.reduce((best, path) => (path.length > best.length ? path : best));
  console.log("longest:", longest.join(" → "));

  const { steps } = await tools.echo({ steps: longest.length - 1 });
  return { arguments: arguments.length, steps, peaks: paths.map((path) => Math.max(...path)) };
}
