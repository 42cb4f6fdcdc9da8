// An order as a state machine: transitions as data, guards, actions, history, and refusal of illegal events.
const machine = {
  initial: "draft",
  states: {
    draft: {
      on: {
        SUBMIT: { target: "review", guard: (ctx) => ctx.items > 0 },
        ADD: { action: (ctx) => ({ items: ctx.items + 1 }) },
      },
    },
    review: {
      on: {
        APPROVE: "approved",
        REJECT: { target: "draft", action: (ctx, { reason }) => ({ reason }) },
      },
    },
    approved: { on: { SHIP: "shipped", CANCEL: "cancelled" } },
    shipped: { final: true },
    cancelled: { final: true },
  },
};

function interpret({ initial, states }, context) {
  let state = initial;
  const history = [state];
  return {
    get state() { return state; },
    get context() { return { ...context }; },
    get done() { return states[state].final === true; },
    history,
    send(event, payload = {}) {
      const rule = states[state].on?.[event];
      if (!rule) throw new Error(`no transition for ${event} in ${state}`);
      const { target = state, guard, action } = typeof rule === "string" ? { target: rule } : rule;
      if (guard && !guard(context)) return false;
      Object.assign(context, action?.(context, payload));
      if (target !== state) history.push((state = target));
      return true;
    },
  };
}

const order = interpret(machine, { items: 0 });
const script = [
  "SUBMIT",
  "ADD",
  "ADD",
  "SUBMIT",
  ["REJECT", { reason: "typo" }],
  "SHIP",
  "SUBMIT",
  "APPROVE",
  "SHIP",
  "CANCEL",
];

const trace = script.map((step) => {
  const [event, payload] = [step].flat();
  try {
    const moved = order.send(event, payload);
    return `${event} ${moved ? "→" : "✗"} ${order.state}`;
  } catch (error) {
    return `${event} ! ${error.message}`;
  }
});

trace.forEach((line) => console.log(line));
return { trace, history: order.history, context: order.context, done: order.done };
