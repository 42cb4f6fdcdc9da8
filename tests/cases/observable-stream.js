// A minimal observable with operators, subscriptions, teardown and completion.
class Observable {
  constructor(subscribe) { this._subscribe = subscribe; }

  subscribe(observer) {
    if (typeof observer === "function") observer = { next: observer };
    let closed = false;
    let teardown;
    const close = () => {
      if (closed) return;
      closed = true;
      teardown?.();
    };
    teardown = this._subscribe({
      next: (value) => closed || observer.next?.(value),
      error: (error) => { if (!closed) { close(); observer.error?.(error); } },
      complete: () => { if (!closed) { close(); observer.complete?.(); } },
    });
    if (closed) teardown?.();
    return { unsubscribe: close, get closed() { return closed; } };
  }

  pipe(...operators) { return operators.reduce((source, operator) => operator(source), this); }
  toPromise() {
    return new Promise((resolve, reject) => {
      const values = [];
      this.subscribe({ next: (v) => values.push(v), error: reject, complete: () => resolve(values) });
    });
  }

  static of = (...values) => new Observable((o) => { values.forEach((v) => o.next(v)); o.complete(); });
  static interval = (ms) => new Observable((o) => {
    let n = 0;
    const timer = setInterval(() => o.next(n++), ms);
    return () => { console.log(`interval ${ms} stopped at ${n}`); clearInterval(timer); };
  });
}

const operator = (onNext) => (source) => new Observable((o) => {
  const state = {};
  const subscription = source.subscribe({
    ...o,
    next: (value) => onNext(value, o, state, () => subscription?.unsubscribe()),
  });
  return () => subscription.unsubscribe();
});
const map = (fn) => operator((value, o) => o.next(fn(value)));
const filter = (test) => operator((value, o) => test(value) && o.next(value));
const take = (n) => operator((value, o, state) => {
  state.count = (state.count ?? 0) + 1;
  o.next(value);
  if (state.count === n) o.complete();
});
const scan = (fn, seed) =>
  operator((value, o, state) => o.next((state.acc = fn("acc" in state ? state.acc : seed, value))));

const sync = await Observable.of(1, 2, 3, 4).pipe(filter((n) => n % 2 === 0), map((n) => n * 10)).toPromise();
const timed = await Observable.interval(10).pipe(scan((a, b) => a + b, 0), take(4)).toPromise();
const failed = await new Observable((o) => {
  o.next(1);
  o.error(new Error("source failed"));
  o.next(2);
})
  .toPromise()
  .catch((e) => e.message);

const seen = [];
const subscription = Observable.interval(20).subscribe((n) => seen.push(n));
setTimeout(() => subscription.unsubscribe(), 70);
await new Promise((resolve) => setTimeout(resolve, 120));

return { sync, timed, failed, seen, closed: subscription.closed };
