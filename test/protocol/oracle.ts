const TYPES = new Set(["message", "typing", "error", "tool_call", "tool_result", "system"]);
const ROLES = new Set(["user", "assistant", "system"]);
const FIELDS = ["type", "content", "id", "role", "metadata", "timestamp"];

type JsonObject = Record<string, unknown>;

/**
 * PROTOCOL.md's table of an envelope's fields a second time, written from the page and not from the codec: the envelope
 * in a value that was JSON, or undefined where it is none. Tests hold `decodeMessage` against it.
 */
export function expectedEnvelope(value: unknown): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  const own = (field: string) => (Object.hasOwn(value, field) ? value[field] : undefined);
  const valid =
    TYPES.has(own("type") as string) &&
    typeof own("content") === "string" &&
    absentOr(own("id"), isId) &&
    absentOr(own("role"), (role) => ROLES.has(role as string)) &&
    absentOr(own("metadata"), isObject) &&
    absentOr(own("timestamp"), (time) => typeof time === "number" && Math.abs(time) <= Number.MAX_VALUE);
  if (!valid) return undefined;
  const present = FIELDS.filter((field) => own(field) !== undefined);
  return Object.fromEntries(present.map((field) => [field, own(field)]));
}

/**
 * The same for a client's frame: the frame, "ignored" for a control frame that v1 is to ignore, undefined where it is
 * to be refused.
 */
export function expectedClientFrame(value: unknown, dialect: "plain" | "v1"): JsonObject | "ignored" | undefined {
  if (!isObject(value)) return undefined;
  const { type, seq, after, before, limit, token, id } = value;
  if (type === "ping" || type === "pong") return { type };
  if (type === "cancel") return isId(id) ? { type, id } : undefined;
  const envelope = expectedEnvelope(value);
  if (dialect === "plain") return envelope;
  if (type === "next") return isWhole(seq) ? { type, seq } : undefined;
  if (type === "history") return isWhole(before) && isWhole(limit) ? { type, before, limit } : undefined;
  if (type === "await") return isId(id) ? { type, id } : undefined;
  if (type === "auth") return typeof token === "string" && token !== "" ? { type, token } : undefined;
  if (typeof type === "string" && !TYPES.has(type)) return "ignored";
  if (envelope === undefined || after === undefined) return envelope;
  return typeof after === "string" ? { ...envelope, after } : undefined;
}

/** The value that JSON text stands for; undefined, which JSON cannot say, where it is none. */
export function parseJson(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch {
    return undefined;
  }
}

function absentOr(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || check(value);
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** A string, 1 to 128 UTF-16 code units, no lone surrogate. */
function isId(value: unknown): boolean {
  return typeof value === "string" && value.length >= 1 && value.length <= 128 && !/\p{Surrogate}/u.test(value);
}

function isObject(value: unknown): value is JsonObject {
  return Object.prototype.toString.call(value) === "[object Object]";
}
