// Enums: numeric, string, computed members, reverse mapping, const enums, enums as flags and keys.
enum Level {
  Debug,
  Info,
  Warn = 10,
  Error,
}

enum Colour {
  Red = "#f00",
  Green = "#0f0",
  Blue = "#00f",
}

enum Permission {
  None = 0,
  Read = 1 << 0,
  Write = 1 << 1,
  All = Read | Write,
  Computed = "abc".length,
}

const enum Direction {
  Up = 1,
  Down,
}

const labels: Record<Level, string> = {
  [Level.Debug]: "dbg",
  [Level.Info]: "inf",
  [Level.Warn]: "wrn",
  [Level.Error]: "err",
};

function can(user: Permission, wanted: Permission): boolean {
  return (user & wanted) === wanted;
}

function isColour(value: string): value is Colour {
  return (Object.values(Colour) as string[]).includes(value);
}

const levels = Object.keys(Level).filter((key) => Number.isNaN(Number(key))) as (keyof typeof Level)[];
for (const name of levels) console.log(`${name} = ${Level[name]} (${labels[Level[name]]})`);

const move = (d: Direction): number => (d === Direction.Up ? -1 : 1);

return {
  reverse: [Level[0], Level[11]],
  colours: Object.entries(Colour),
  isColour: ["#f00", "red"].map(isColour),
  can: [can(Permission.All, Permission.Write), can(Permission.Read, Permission.Write)],
  computed: Permission.Computed,
  moves: [move(Direction.Up), move(Direction.Down)],
  levels,
};
