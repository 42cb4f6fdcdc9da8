// A request pipeline with middleware around a router: timing, auth, errors, path parameters.
class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const compose = (middleware) => (context) => {
  let last = -1;
  const dispatch = async (i) => {
    if (i <= last) throw new Error("next() called twice");
    last = i;
    return middleware[i]?.(context, () => dispatch(i + 1));
  };
  return dispatch(0);
};

const router = (routes) => async (ctx) => {
  for (const [pattern, handler] of Object.entries(routes)) {
    const [method, path] = pattern.split(" ");
    const match = new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`).exec(ctx.path);
    if (match && ctx.method === method) {
      ctx.body = await handler({ ...ctx, params: { ...match.groups } });
      return;
    }
  }
  throw new HttpError(404, `no route for ${ctx.path}`);
};

const app = compose([
  async (ctx, next) => {
    const start = Date.now();
    await next();
    ctx.took = Date.now() - start;
  },
  async (ctx, next) => {
    try {
      await next();
      ctx.status ??= 200;
    } catch (error) {
      ctx.status = error.status ?? 500;
      ctx.body = { error: error.message };
    }
  },
  async (ctx, next) => {
    if (ctx.path.startsWith("/admin") && ctx.token !== "secret") throw new HttpError(403, "forbidden");
    return next();
  },
  router({
    "GET /users/:id": async ({ params }) => tools.echo({ user: Number(params.id) }),
    "GET /users/:id/posts/:post": ({ params }) => params,
    "GET /slow": () => new Promise((resolve) => setTimeout(resolve, 25, "finally")),
    "POST /admin/stop": () => "stopped",
    "GET /broken": () => tools.fail({ message: "database" }),
  }),
]);

const requests = [
  ["GET", "/users/7"],
  ["GET", "/users/7/posts/abc"],
  ["GET", "/slow"],
  ["POST", "/admin/stop"],
  ["POST", "/admin/stop", "secret"],
  ["GET", "/broken"],
  ["PUT", "/users/7"],
];
const responses = [];
for (const [method, path, token] of requests) {
  const ctx = { method, path, token };
  await app(ctx);
  console.log(`${method} ${path} → ${ctx.status} in ${ctx.took} ms`);
  responses.push({ status: ctx.status, body: ctx.body });
}
return responses;
