// Reads a list page by page from a service that is busy now and then.
//
//     agentloop run examples/paging.js --fixtures examples/paging.fixtures.json
//
// A failed call is a `ToolError` that the script can catch. What fails for a moment is tried again; what the script itself
// got wrong (`invalid_arguments`, `unknown_tool`) would fail again and is passed on.

const ATTEMPTS_MAX = 3;
const PAUSE_MS = 20;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function withRetries(what, call) {
    for (let attempt = 1; ; attempt++) {
        try {
            return await call();
        } catch (error) {
            const passes = error instanceof ToolError && (error.kind === "failed" || error.kind === "timeout");
            if (!passes || attempt === ATTEMPTS_MAX) throw error;
            console.warn(`${what}: ${error.message} (attempt ${attempt} of ${ATTEMPTS_MAX})`);
            await sleep(PAUSE_MS * 2 ** attempt);
        }
    }
}

async function* tickets() {
    let cursor = null;
    do {
        const page = await withRetries(`page ${cursor ?? "first"}`, () => tools.tickets.list({ cursor }));
        yield* page.items;
        cursor = page.next;
    } while (cursor !== null);
}

const open = [];
let seen = 0;
for await (const ticket of tickets()) {
    seen++;
    if (ticket.state === "open") open.push(ticket);
}
open.sort((a, b) => b.votes - a.votes);
return { seen, open: open.length, most_wanted: open.slice(0, 3).map(({ id, title, votes }) => ({ id, title, votes })) };
