// Wraps errors on their way up and walks the chain of causes at the top.
class AppError extends Error {
  constructor(message, { code = "E_UNKNOWN", ...options } = {}) {
    super(message, options);
    this.name = this.constructor.name;
    this.code = code;
  }
}
class ConfigError extends AppError {}
class StartupError extends AppError {
  get fatal() { return true; }
}

function readConfig(text) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError("config is not valid JSON", { code: "E_CONFIG", cause });
  }
}

function start(text) {
  try {
    return readConfig(text).port;
  } catch (error) {
    throw new StartupError("cannot start", { cause: error });
  }
}

function chain(error) {
  const lines = [];
  for (let e = error, depth = 0; e instanceof Error; e = e.cause, depth++) {
    const code = e.code ? ` [${e.code}]` : "";
    // The message of a SyntaxError is the engine's own.
    const message = e instanceof SyntaxError ? "" : `: ${e.message}`;
    lines.push(`${"  ".repeat(depth)}${e.name}${code}${message}`);
  }
  return lines;
}

let caught;
try {
  start("{ port: 80 }");
} catch (error) {
  caught = error;
  console.error(chain(error).join("\n"));
}

const withPlainCause = new Error("outer", { cause: { status: 404 } });

return {
  fatal: caught.fatal,
  classes: [caught instanceof StartupError, caught instanceof AppError, caught.cause instanceof ConfigError],
  root: caught.cause.cause instanceof SyntaxError,
  own: Object.keys(caught),
  hasCause: ["cause" in new Error("x"), "cause" in new Error("x", { cause: undefined })],
  plain: withPlainCause,
  string: String(new ConfigError("oops")),
  stackIsText: typeof caught.stack === "string",
};
