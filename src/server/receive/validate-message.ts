import { exceedsBytes, stringify } from "../../protocol/codec.js";
import { type ChatMessage, type ChatMessageType, isDurable } from "../../protocol/envelope.js";
import { ChatError } from "../../protocol/errors.js";
import type { ClientEnvelope } from "../../protocol/frames.js";
import { createMessageId } from "../../protocol/ids.js";
import { toAuthor } from "../access/identity.js";
import type { Connection, ConnectionState } from "../connection/connection.js";
import type { Settings } from "../options.js";
import { isDeeper } from "./depth.js";
import type { Admission } from "./inbound.js";

/** Ids that start so are the server's. PROTOCOL.md, "Envelopes". */
export const RESERVED_ID_PREFIX = "~";

export function isServerId(id: string): boolean {
  return id.startsWith(RESERVED_ID_PREFIX);
}

/** The id that an envelope was given; `undefined` if the server has to make one, which holds the place of the envelope. */
export function ownId({ id }: ChatMessage): string | undefined {
  return isServerId(id) ? undefined : id;
}

/** JSON that is read and written again may grow: `1e20` becomes 21 digits, and a letter of a small frame is up to 3 bytes. */
const REWRITING_GROWTH = 6 * 3;

/**
 * A client's envelope as the server lets it in: who wrote it and when is decided here (P6).
 *
 * @param bytes of its frame; of a small one its characters
 * @param again whether it was let in before
 * @throws ChatError with the code of what does not hold (P7)
 */
export function validateMessage(
  envelope: ClientEnvelope,
  bytes: number,
  connection: Connection,
  settings: Settings,
  again: boolean,
  intake: Pick<Admission, "newId">,
): ChatMessage {
  const { type, content } = envelope;
  const id = checkId(envelope, connection.state) ?? (isDurable(type) ? intake.newId() : createMessageId());
  const refusal = { inReplyTo: envelope.id };
  if (!(settings.allowedTypes as readonly ChatMessageType[]).includes(type)) {
    const allowed = settings.allowedTypes.join(", ");
    throw new ChatError("TYPE_NOT_ALLOWED", `Clients may send ${allowed} here, not ${type}.`, refusal);
  }
  if (connection.state.identity.readOnly) throw new ChatError("READ_ONLY", undefined, refusal);
  const metadata = admitMetadata(envelope, bytes, settings);
  if (!again) checkRate(envelope, bytes, connection);
  metadata["from"] = toAuthor(connection.state.identity);
  return { id, type, role: "user", content, timestamp: connection.state.lastFrameAt, metadata };
}

function checkId({ id, type }: ClientEnvelope, { dialect }: ConnectionState): string | undefined {
  if (id === undefined) {
    if (dialect === "plain" || !isDurable(type)) return undefined;
    throw new ChatError("INVALID_MESSAGE", 'Not a valid envelope: on workkit.chat.v1 a durable one needs an "id".');
  }
  if (!isServerId(id)) return id;
  const why = `Not a valid envelope: ids that start with "${RESERVED_ID_PREFIX}" are the server's.`;
  throw new ChatError("INVALID_MESSAGE", why, { inReplyTo: id });
}

/** What the client says there, without an author or a place of its choice. */
function admitMetadata(
  { id: inReplyTo, metadata: given }: ClientEnvelope,
  bytes: number,
  { maxMetadataDepth, maxMetadataSize }: Settings,
): Record<string, unknown> {
  if (given === undefined) return {};
  const { from: _, cursor: __, ...metadata } = given;
  if (isDeeper(metadata, maxMetadataDepth)) {
    throw new ChatError("METADATA_TOO_DEEP", `metadata may be nested ${maxMetadataDepth} deep.`, { inReplyTo });
  }
  if (bytes * REWRITING_GROWTH > maxMetadataSize && exceedsBytes(stringify(metadata), maxMetadataSize)) {
    throw new ChatError("METADATA_TOO_LARGE", `metadata may be ${maxMetadataSize} bytes of JSON.`, { inReplyTo });
  }
  return metadata;
}

/** On v1 a refused message holds back those after it until it comes again (P3). */
function checkRate({ id, type }: ClientEnvelope, bytes: number, { state, account }: Connection): void {
  const ordered = state.dialect === "v1" && isDurable(type);
  const behind = state.blockedBy !== undefined && state.blockedBy.id !== id;
  // A busy session may be waiting for just this tool result.
  const exempt = behind && type === "tool_result" && state.blockedBy?.busy === true;
  const outOfTurn = ordered && behind && !exempt;
  const wait = account.takeMessage(state.rate, bytes, state.lastFrameAt, outOfTurn ? 1 : 0);
  if (ordered && !outOfTurn && !exempt)
    state.blockedBy = wait > 0 && id !== undefined ? { id, busy: false } : undefined;
  if (wait === 0) return;
  const why = outOfTurn ? "An earlier message was refused: send that one first." : undefined;
  throw new ChatError("RATE_LIMITED", why, { inReplyTo: id, retryAfterMs: wait });
}
