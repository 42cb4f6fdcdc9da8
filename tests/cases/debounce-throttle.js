// Debounce with leading and trailing edges, and throttle, watched over virtual time.
const start = Date.now();
const at = () => Date.now() - start;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function debounce(fn, wait, { leading = false } = {}) {
  let timer = null;
  const debounced = function (...args) {
    const isFirst = timer === null;
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      if (!leading) fn.apply(this, args);
    }, wait);
    if (leading && isFirst) fn.apply(this, args);
  };
  debounced.cancel = () => {
    clearTimeout(timer);
    timer = null;
  };
  return debounced;
}

function throttle(fn, interval) {
  let last = -Infinity;
  let pending;
  return (...args) => {
    const wait = last + interval - at();
    clearTimeout(pending);
    if (wait <= 0) {
      last = at();
      fn(...args);
    } else {
      pending = setTimeout(() => {
        last = at();
        fn(...args);
      }, wait);
    }
  };
}

const calls = { trailing: [], leading: [], throttled: [], cancelled: [] };
const note = (kind) => (value) => calls[kind].push(`${value}@${at()}`);
const trailing = debounce(note("trailing"), 30);
const leading = debounce(note("leading"), 30, { leading: true });
const throttled = throttle(note("throttled"), 25);
const cancelled = debounce(note("cancelled"), 5);

for (const [i, gap] of [10, 10, 50, 10, 45].entries()) {
  for (const fn of [trailing, leading, throttled, cancelled]) fn(i);
  cancelled.cancel();
  await sleep(gap);
}
await sleep(100);

for (const [kind, list] of Object.entries(calls)) console.log(kind, list);
return { calls, total: at() };
