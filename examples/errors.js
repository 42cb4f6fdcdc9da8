// What can go wrong with a call, and what a script can do about it.
//
//     agentloop run examples/errors.js --fixtures examples/errors.fixtures.json --tool-timeout 100ms
//
// A failed call rejects with a `ToolError`. Its `kind` says who has to act: `invalid_arguments` is the script's own
// mistake, `failed` and `timeout` are the tool's.

const attempt = async (call) => {
    try {
        return { value: await call() };
    } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        return { kind: error.kind, message: error.message };
    }
};

// 1. A tool that refuses: use another source.
const price = async (sku) => {
    const live = await attempt(() => tools.prices.live({ sku }));
    if ("value" in live) return { ...live.value, source: "live" };
    console.warn(`live price of ${sku}: ${live.message}`);
    return { ...(await tools.prices.list({ sku })), source: "list" };
};

// 2. Arguments that do not fit: the message names the field, what is expected and what came.
const mistake = await attempt(() => tools.prices.live({ sku: 42 }));

// 3. A tool that hangs: the timeout of the run ends the call, and the script goes on.
const slow = await attempt(() => tools.stock.count({ sku: "lamp" }));

// 4. Many calls of which some fail: keep what there is.
const skus = ["lamp", "desk", "chair"];
const settled = await Promise.allSettled(skus.map((sku) => tools.reviews.average({ sku })));
const reviews = Object.fromEntries(
    settled.map((one, i) => [skus[i], one.status === "fulfilled" ? one.value.stars : null]),
);

return {
    prices: { lamp: await price("lamp"), desk: await price("desk") },
    mistake,
    slow,
    reviews,
};
