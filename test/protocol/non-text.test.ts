import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../src/protocol/index.js";
import { decodeClientFrame } from "./decode.js";
import { refusal } from "./refusal.js";

const frame = '{"type":"message","content":"hello"}';
const bytes = new TextEncoder().encode(frame);

function fail(): never {
  throw new RangeError("This input may not be touched.");
}

/** A target of which nothing can be read: every trap that a reader could run into throws. */
const untouchable: ProxyHandler<() => unknown> = {
  get: fail,
  has: fail,
  ownKeys: fail,
  getPrototypeOf: fail,
  getOwnPropertyDescriptor: fail,
  apply: fail,
};

const revocable = Proxy.revocable({}, {});
revocable.revoke();

/** What can reach a decoder that no one guards, though none of it is a text frame. */
const inputs: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  "a boolean": true,
  "a number": 5,
  NaN: Number.NaN,
  "a bigint": 5n,
  "a symbol": Symbol("frame"),
  "a well-known symbol": Symbol.iterator,
  "a function": () => frame,
  "an envelope that is not encoded": { type: "message", content: "hello" },
  "an array": [frame],
  "an empty array": [],
  "a String object": Object(frame),
  "an ArrayBuffer with an envelope": bytes.buffer,
  "a SharedArrayBuffer": new SharedArrayBuffer(8),
  "a Uint8Array with an envelope": bytes,
  "a Buffer with an envelope": Buffer.from(frame),
  "a DataView with an envelope": new DataView(bytes.buffer),
  "a Blob with an envelope": new Blob([frame]),
  "a Response with an envelope": new Response(frame),
  "a URL": new URL("https://chat.example"),
  "a Date": new Date(0),
  "an invalid Date": new Date(Number.NaN),
  "a Map": new Map([["type", "message"]]),
  "a promise": Promise.resolve(frame),
  "an iterator": frame[Symbol.iterator](),
  "an Error": new Error(frame),
  "an object without a prototype": Object.create(null),
  "an object that turns into an envelope": { toString: () => frame, valueOf: () => frame, toJSON: () => frame },
  "an object whose conversion throws": { [Symbol.toPrimitive]: fail, toString: fail, valueOf: fail, toJSON: fail },
  "an object with a throwing getter": Object.defineProperty({}, "type", { get: fail, enumerable: true }),
  "a Proxy whose every trap throws": new Proxy(fail, untouchable),
  "a revoked Proxy": revocable.proxy,
};

describe.each(Object.keys(inputs))("%s", (name) => {
  it("is an INVALID_MESSAGE to decodeMessage and on both dialects", () => {
    const input = inputs[name];
    const decoders = [
      () => decodeMessage(input),
      () => decodeClientFrame(input, "plain"),
      () => decodeClientFrame(input, "v1"),
    ];
    for (const decode of decoders) {
      const error = refusal(decode);
      expect(error.code).toBe("INVALID_MESSAGE");
      expect(error.message).toContain("text frame");
      expect(error.inReplyTo).toBeUndefined();
    }
  });
});
