// Discriminated unions with exhaustive checks, type guards, assertion functions, and a Result type.
type Ok<T> = { readonly ok: true; readonly value: T };
type Err<E> = { readonly ok: false; readonly error: E };
type Result<T, E = Error> = Ok<T> | Err<E>;

const ok = <T,>(value: T): Ok<T> => ({ ok: true, value });
const err = <E,>(error: E): Err<E> => ({ ok: false, error });

type Shape =
  | { kind: "circle"; radius: number }
  | { kind: "square"; side: number }
  | { kind: "rect"; width: number; height: number };

function area(shape: Shape): number {
  switch (shape.kind) {
    case "circle":
      return Math.PI * shape.radius ** 2;
    case "square":
      return shape.side ** 2;
    case "rect":
      return shape.width * shape.height;
    default: {
      const never: never = shape;
      throw new Error(`unknown shape: ${JSON.stringify(never)}`);
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function assertShape(value: unknown): asserts value is Shape {
  if (!isRecord(value) || typeof value.kind !== "string") throw new TypeError("not a shape");
}

function parse(text: string): Result<number, string> {
  try {
    const value: unknown = JSON.parse(text);
    assertShape(value);
    return ok(area(value));
  } catch (e: unknown) {
    if (e instanceof SyntaxError) return err("not JSON");
    return err((e as Error).message);
  }
}

const inputs: ReadonlyArray<string> = [
  '{"kind":"square","side":3}',
  '{"kind":"rect","width":2,"height":5}',
  "[]",
  '{"kind":"blob"}',
  "{",
];
const results: Array<Result<number, string>> = inputs.map(parse);
const total = results.reduce((sum, r) => (r.ok ? sum + r.value : sum), 0);

for (const r of results) console.log(r.ok ? `area ${r.value}` : `error ${r.error}`);
return { results, total, circle: area({ kind: "circle", radius: 1 }).toFixed(3) };
