import { encodeCancelled, encodePing } from "../../protocol/codec.js";
import { SUBPROTOCOL_V1 } from "../../protocol/frames.js";
import { decodeV1, encodeAck, encodeV1Entry } from "../../protocol/v1.js";
import type { DialectPolicy } from "./dialect.js";

/** Acks, seqs and replay in pages, for clients with an outbox. PROTOCOL.md, "workkit.chat.v1". */
export const V1: DialectPolicy = {
  name: "v1",
  subprotocol: SUBPROTOCOL_V1,
  requiresIds: true,
  blocksAfterRefusal: true,
  mustAnswerPings: true,
  isSequenced: true,
  regeneratesBy: "reply",
  refusesByClose: true,
  cursorParameter: "since",
  decode: decodeV1,
  encodeEntry: encodeV1Entry,
  encodeAck,
  encodeCancelled,
  encodePing,
};
