import { ChatError } from "../protocol/errors.js";
import type { ConnectionState } from "../server/connection/connection.js";
import { checkDepth } from "../server/receive/depth.js";

/** The tag of our sockets, refused ones too. A subclass may have sockets of its own. */
export const CHAT_TAG = "workkit.chat";

/** Bytes of the application's half of an attachment, as JSON. Our half takes 8,000 at most, 6,500 of them for the identity. */
const MAX_APPLICATION_HALF = 8_192;

/** The version of our half. A deploy may wake an object whose sockets carry what an older or newer release wrote: those are closed with 4005. */
const VERSION = 3;

/** What is kept of a socket that was refused or that we closed. */
export interface Closing {
  /** The hash of the limit key that it counts against. */
  key: string;
  code: number;
  reason: string;
}

/** What is known of a socket. There is one copy while the object is awake, so that the two halves cannot overwrite each other. */
export interface Attachment {
  /** Of a connection that has not ended. */
  connection?: ConnectionState | undefined;
  closing?: Closing | undefined;
  /** The application's half, encoded. */
  application?: Uint8Array | undefined;
}

/**
 * What a socket carries through hibernation. The platform limits its serialized bytes, which can be computed only for bytes:
 * so both halves are JSON as UTF-8.
 */
interface Stored {
  version: typeof VERSION;
  ours: Uint8Array;
  application: Uint8Array | undefined;
}

const attachments = new WeakMap<WebSocket, Attachment>();

/** What is known of a socket, or `undefined` for one that is not ours. */
export function readAttachment(socket: WebSocket): Attachment | undefined {
  const known = attachments.get(socket);
  if (known !== undefined) return known;
  const stored: unknown = socket.deserializeAttachment();
  if (!isStored(stored)) return undefined;
  const attachment: Attachment = { ...decode<object>(stored.ours), application: stored.application };
  attachments.set(socket, attachment);
  return attachment;
}

/** Replaces our half of an attachment and saves it. The application's half is kept. */
export function attach(socket: WebSocket, ours: Omit<Attachment, "application">): void {
  attachments.set(socket, { ...ours, application: readAttachment(socket)?.application });
  saveAttachment(socket);
}

/** Writes what has changed, so that it survives hibernation. */
export function saveAttachment(socket: WebSocket): void {
  const { application, ...ours } = attachments.get(socket) ?? {};
  socket.serializeAttachment({ version: VERSION, ours: encode(ours), application } satisfies Stored);
}

/** Removes the state of a connection that has ended from its attachment and returns it, so that the end is reported once. */
export function takeConnectionState(socket: WebSocket): ConnectionState | undefined {
  const attachment = readAttachment(socket);
  const state = attachment?.connection;
  if (attachment) attachment.connection = undefined;
  return state;
}

/**
 * A copy of what a subclass has attached to a connection with `setAttachment`; `undefined` if nothing.
 *
 * @example
 * for (const socket of this.ctx.getWebSockets("agent")) console.log(getAttachment(socket));
 */
export function getAttachment(socket: WebSocket): unknown {
  const bytes = readAttachment(socket)?.application;
  return bytes && decode(bytes);
}

/**
 * Attaches a value to a connection. It is kept through hibernation, until the connection ends. Use this in place of
 * `serializeAttachment`, which would overwrite the session's half.
 *
 * @param value any JSON value, at most 8,192 bytes; `undefined` removes it
 * @throws ChatError `INVALID_OPTION` if it is larger, or the socket is no connection of a session
 */
export function setAttachment(socket: WebSocket, value: unknown): void {
  const attachment = readAttachment(socket);
  if (!attachment) throw new ChatError("INVALID_OPTION", "The socket is no connection of a chat session.");
  checkDepth("An attachment", value);
  const bytes = value === undefined ? undefined : encode(value);
  if (bytes !== undefined && bytes.length > MAX_APPLICATION_HALF) {
    const found = `An attachment may be ${MAX_APPLICATION_HALF} bytes as JSON; this one has ${bytes.length}.`;
    throw new ChatError("INVALID_OPTION", found);
  }
  attachment.application = bytes;
  saveAttachment(socket);
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function decode<Value>(bytes: Uint8Array): Value {
  return JSON.parse(new TextDecoder().decode(bytes));
}

function isStored(value: unknown): value is Stored {
  return typeof value === "object" && value !== null && "version" in value && value.version === VERSION;
}
