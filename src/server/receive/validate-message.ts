import { exceedsBytes, stringify } from "../../protocol/codec.js";
import { type ChatMessage, type ChatMessageType, isDurable } from "../../protocol/envelope.js";
import { ChatError } from "../../protocol/errors.js";
import type { ClientEnvelope } from "../../protocol/frames.js";
import { isServerId, RESERVED_ID_PREFIX } from "../../protocol/ids.js";
import { toAuthor } from "../access/identity.js";
import type { Connection } from "../connection/connection.js";
import type { Settings } from "../options.js";
import { isDeeper } from "./depth.js";

/** JSON that is read and written again may grow: `1e20` becomes 21 digits, and a letter of a small frame is up to 3 bytes. */
const REWRITING_GROWTH = 6 * 3;

/**
 * The message in a client's envelope: who wrote it and when is decided here (P6). Its id is empty where the client gave none. Whether
 * the client may send it is not looked at. PROTOCOL.md, "Precedence of errors".
 *
 * @param bytes of its frame; of a small one its characters
 * @throws ChatError `INVALID_MESSAGE`, `TYPE_NOT_ALLOWED`, `METADATA_TOO_DEEP`, `METADATA_TOO_LARGE` (P7)
 */
export function validateMessage(
  { id, type, content, metadata: given }: ClientEnvelope,
  bytes: number,
  { dialect, state }: Connection,
  { allowedTypes, maxMetadataDepth, maxMetadataSize }: Settings,
): ChatMessage {
  const refusal = { inReplyTo: id };
  if (id === undefined ? dialect.requiresIds && isDurable(type) : isServerId(id)) {
    const why =
      id === undefined ? 'a durable one needs an "id"' : `ids that start with "${RESERVED_ID_PREFIX}" are the server's`;
    throw new ChatError("INVALID_MESSAGE", `Not a valid envelope: ${why}.`, refusal);
  }
  if (!(allowedTypes as readonly ChatMessageType[]).includes(type)) {
    throw new ChatError("TYPE_NOT_ALLOWED", `Clients may send ${allowedTypes.join(", ")} here, not ${type}.`, refusal);
  }
  // Without an author, a place or an outcome of the client's choice.
  const { from: _, cursor: __, failed: ___, ...metadata } = given ?? {};
  if (isDeeper(metadata, maxMetadataDepth)) {
    throw new ChatError("METADATA_TOO_DEEP", `metadata may be nested ${maxMetadataDepth} deep.`, refusal);
  }
  if (bytes * REWRITING_GROWTH > maxMetadataSize && exceedsBytes(stringify(metadata), maxMetadataSize)) {
    throw new ChatError("METADATA_TOO_LARGE", `metadata may be ${maxMetadataSize} bytes of JSON.`, refusal);
  }
  metadata["from"] = toAuthor(state.identity);
  return { id: id ?? "", type, role: "user", content, timestamp: state.lastFrameAt, metadata };
}
