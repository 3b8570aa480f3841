import { byteLength } from "../protocol/codec.js";
import { ChatError } from "../protocol/errors.js";
import { checkDepth } from "../server/depth.js";
import type { PeerState } from "../server/peer.js";

/** Connections that are ours carry this tag; a subclass may have others. */
export const CHAT_TAG = "workkit.chat";

/** Bytes of the half of an attachment that belongs to the application. */
const MAX_APPLICATION_HALF = 8_192;

/** Of our half: a deploy may wake an object whose sockets carry what an older or newer release wrote. */
const VERSION = 2;

/** What a socket carries through hibernation: our half and the application's. */
interface Attachment {
  version: typeof VERSION;
  workkitChat: PeerState;
  application?: unknown;
}

/** One copy for each socket while the object is awake, so that the two halves cannot overwrite each other. */
const attachments = new WeakMap<WebSocket, Attachment>();

/** The state of a connection, or `undefined` for a socket that is not ours. */
export function readPeerState(socket: WebSocket): PeerState | undefined {
  return attachmentOf(socket)?.workkitChat;
}

/** Makes `state` the connection's from now on. */
export function attachPeerState(socket: WebSocket, state: PeerState): void {
  attachments.set(socket, { version: VERSION, workkitChat: state });
  savePeerState(socket);
}

/** Writes what has changed in a connection's state, so that it survives hibernation. */
export function savePeerState(socket: WebSocket): void {
  socket.serializeAttachment(attachments.get(socket));
}

/**
 * What a subclass has attached to one of its connections with `setAttachment`.
 *
 * @example
 * for (const socket of this.ctx.getWebSockets("agent")) console.log(getAttachment(socket));
 */
export function getAttachment(socket: WebSocket): unknown {
  return attachmentOf(socket)?.application;
}

/**
 * Attaches a value to a connection for as long as it lives, hibernation included. Use this in place of
 * `serializeAttachment`, which would overwrite what the session keeps there.
 *
 * @param value any JSON value, at most 8,192 bytes; `undefined` removes it
 * @throws ChatError `INVALID_OPTION` if it is larger, or the socket is no connection of a session
 */
export function setAttachment(socket: WebSocket, value: unknown): void {
  const attachment = attachmentOf(socket);
  if (attachment === undefined) throw new ChatError("INVALID_OPTION", "The socket is no connection of a chat session.");
  const tooLarge = `An attachment may be ${MAX_APPLICATION_HALF} bytes as JSON, and fit the platform's beside ours.`;
  checkDepth("An attachment", value);
  const json = JSON.stringify(value);
  if (json !== undefined && byteLength(json) > MAX_APPLICATION_HALF) throw new ChatError("INVALID_OPTION", tooLarge);
  const kept = attachment.application;
  try {
    attachment.application = json === undefined ? undefined : JSON.parse(json);
    savePeerState(socket);
  } catch (cause) {
    // Left as it was: what does not fit must not keep our half from being saved from now on.
    attachment.application = kept;
    throw new ChatError("INVALID_OPTION", tooLarge, { cause });
  }
}

function attachmentOf(socket: WebSocket): Attachment | undefined {
  const known = attachments.get(socket);
  if (known !== undefined) return known;
  const stored: unknown = socket.deserializeAttachment();
  if (!isAttachment(stored)) return undefined;
  attachments.set(socket, stored);
  return stored;
}

function isAttachment(value: unknown): value is Attachment {
  return (
    typeof value === "object" &&
    value !== null &&
    "workkitChat" in value &&
    "version" in value &&
    value.version === VERSION
  );
}
