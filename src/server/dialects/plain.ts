import { encodeCancelled, encodePing } from "../../protocol/codec.js";
import { SUBPROTOCOL_PLAIN } from "../../protocol/frames.js";
import { decodePlain, encodePlainEntry } from "../../protocol/plain.js";
import type { DialectPolicy } from "./dialect.js";

/** Envelopes and pings, for any WebSocket client. PROTOCOL.md, "The plain dialect". */
export const PLAIN: DialectPolicy = {
  name: "plain",
  subprotocol: SUBPROTOCOL_PLAIN,
  cursorParameter: "lastMessageId",
  decode: decodePlain,
  encodeEntry: encodePlainEntry,
  encodeCancelled,
  encodePing,
};
