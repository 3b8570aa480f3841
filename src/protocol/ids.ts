import { v7 } from "uuid";

/**
 * A new id for an envelope: a UUIDv7 (RFC 9562). Ids made one after the other in one isolate are strictly increasing
 * as strings, also within a millisecond and when the clock stands still or turns back.
 *
 * @example
 * localStorage.setItem("lastMessageId", message.id); // later: wss://…?lastMessageId=<id>
 */
export function createMessageId(): string {
  return v7();
}
