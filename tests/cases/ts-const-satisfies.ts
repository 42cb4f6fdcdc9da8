// `as const`, `satisfies`, mapped and conditional types, template literal types, typeof in types.
const routes = {
  home: { path: "/", auth: false },
  user: { path: "/users/:id", auth: true },
  post: { path: "/users/:id/posts/:post", auth: true },
} as const satisfies Record<string, { path: `/${string}`; auth: boolean }>;

type RouteName = keyof typeof routes;
type Params<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Params<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;
type ParamsOf<R extends RouteName> = Record<Params<(typeof routes)[R]["path"]>, string | number>;
type Getters<T> = { [K in keyof T as `get${Capitalize<string & K>}`]: () => T[K] };

function link<R extends RouteName>(name: R, params: ParamsOf<R>): string {
  return routes[name].path.replace(/:(\w+)/g, (_: string, key: string) =>
    encodeURIComponent((params as Record<string, string | number>)[key]!),
  );
}

function getters<T extends object>(source: T): Getters<T> {
  const made = {} as Record<string, () => unknown>;
  for (const [key, value] of Object.entries(source)) made[`get${key[0]!.toUpperCase()}${key.slice(1)}`] = () => value;
  return made as Getters<T>;
}

const sizes = ["s", "m", "l"] as const;
type Size = (typeof sizes)[number];
const price: { [S in Size]: number } = { s: 1, m: 2, l: 4 };

const links: string[] = [link("home", {}), link("user", { id: 7 }), link("post", { id: "a b", post: 2 })];
links.forEach((l) => console.log(l));

const config = getters({ host: "localhost", port: 8080 });
const guarded = (Object.keys(routes) as RouteName[]).filter((name) => routes[name].auth);

return {
  links,
  host: config.getHost(),
  port: config.getPort(),
  guarded,
  total: sizes.reduce((n: number, s) => n + price[s], 0),
};
