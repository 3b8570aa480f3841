import fc from "fast-check";
import type { ChatMessage, ClientEnvelope, DecodedMessage } from "../../src/protocol/index.js";

/** Any UTF-16 code units, lone surrogates and NUL included: all that a JSON string may hold. */
export const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
);

/** 1 to 128 UTF-16 code units without a lone surrogate; units of "binary" take one or two. */
const id = fc.oneof(
  fc.uuid({ version: 7 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 64 }),
  fc.constantFrom("a", "a".repeat(128), "~epoch:7:unique", "__proto__", "constructor"),
);

const key = fc.oneof(text, fc.constantFrom("__proto__", "constructor", "prototype", "toString", "from", ""));

/** What JSON can carry, as it comes out of JSON: no -0, no undefined, no null prototypes. */
export const metadata: fc.Arbitrary<Record<string, unknown>> = fc
  .dictionary(key, fc.jsonValue({ stringUnit: "binary" }))
  .map((value) => JSON.parse(JSON.stringify(value)));

const fields = {
  id,
  type: fc.constantFrom("message", "typing", "error", "tool_call", "tool_result", "system"),
  role: fc.constantFrom("user", "assistant", "system"),
  content: text,
  metadata,
  // JSON has no -0 to give back, so none is put in.
  timestamp: fc.oneof(
    fc.nat(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  ),
} as const;

/** Every envelope that `encodeMessage` takes. */
export const message: fc.Arbitrary<ChatMessage> = fc.record(fields, {
  requiredKeys: ["id", "type", "role", "content", "timestamp"],
  noNullPrototype: true,
});

/** Every envelope that may come off the wire: a client may leave out what the server decides. */
export const decodedMessage: fc.Arbitrary<DecodedMessage> = fc.record(fields, {
  requiredKeys: ["type", "content"],
  noNullPrototype: true,
});

/** An envelope of a v1 client, a resend now and then. */
export const clientEnvelope: fc.Arbitrary<ClientEnvelope> = fc.record(
  { ...fields, after: text },
  { requiredKeys: ["type", "content"], noNullPrototype: true },
);

/** An envelope with what a client may leave out filled in, so that it can be written. */
export function complete(decoded: DecodedMessage): ChatMessage {
  return { id: "filled-in", role: "user", timestamp: 0, ...decoded };
}
