import type { ClientFrame } from "../../src/protocol/index.js";
import { decodePlain } from "../../src/protocol/plain.js";
import { decodeV1 } from "../../src/protocol/v1.js";

const decoders = { plain: decodePlain, v1: decodeV1 };

export type DecodedDialect = keyof typeof decoders;

/** How a server reads a client's frame. */
export function decodeClientFrame(frame: unknown, dialect: DecodedDialect): ClientFrame | undefined {
  return decoders[dialect](frame);
}
