import { toEnvelope } from "../../protocol/codec.js";
import { type ChatMessage, type DecodedMessage, isDurable } from "../../protocol/envelope.js";
import { ERROR_CODES } from "../../protocol/errors.js";
import { placedId } from "../../protocol/ids.js";
import { readAuthor } from "../../server/access/identity.js";
import type { Row, SelectedRow } from "./markers.js";

/** The columns that `readEnvelope` compares. */
export const CHECKED_COLUMNS = "seq, id, author, timestamp, body, octet_length(body) AS bytes, turn";
/** The same with the private parts of replies. */
export const PRIVATE_COLUMNS =
  "seq, id, author, timestamp, body, octet_length(body) + coalesce(octet_length(private), 0), turn, private";

/** Names the values of a row that was selected with these columns. Rows that the platform names cost a replay a tenth more. */
export function nameChecked([place, seq, id, author, timestamp, body, bytes, turn, hidden]: SelectedRow): Row {
  return { place, seq, id, author, timestamp, body, bytes, turn, private: hidden };
}

/** The envelope in a row of the log; `undefined` if the row is missing, out of its place, or does not hold what was written (P19). */
export function readEnvelope(row: Row | undefined, seq: number): ChatMessage | undefined {
  if (row?.["seq"] !== seq) return undefined;
  const { body, author } = row;
  try {
    const message = toEnvelope(JSON.parse(String(body)));
    if (!isComplete(message) || message.id !== row["id"] || message.timestamp !== row["timestamp"]) return undefined;
    return author === null || author === readAuthor(message)?.id ? message : undefined;
  } catch {
    return undefined;
  }
}

/** What stands in for an entry that cannot be read. PROTOCOL.md, "Error codes". */
export function unreadable(epoch: string, seq: number, timestamp: number): ChatMessage {
  const code = "UNREADABLE";
  const id = placedId(epoch, seq, timestamp, "u");
  return { id, type: "system", role: "system", content: ERROR_CODES[code], timestamp, metadata: { code } };
}

function isComplete(message: DecodedMessage): message is DecodedMessage & ChatMessage {
  return isDurable(message.type) && message.role !== undefined;
}
