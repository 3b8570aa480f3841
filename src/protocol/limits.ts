/** Every default and every fixed limit of the wire, by name. PROTOCOL.md lists them under "Limits". */

/** Bytes of one inbound frame, as UTF-8. */
export const DEFAULT_MAX_MESSAGE_SIZE = 65_536;
/** The most that `maxMessageSize` may be set to: an envelope must fit a row of the log. */
export const MAX_MESSAGE_SIZE = 1_048_576;
/** Bytes of one envelope that the server writes, encoded. A row of the log holds 2 MB. */
export const MAX_ENVELOPE_SIZE = 1_900_000;
/** Characters of an envelope's id (UTF-16 code units). */
export const MAX_ID_LENGTH = 128;
/** Bytes of an inbound `metadata`, encoded as JSON. */
export const DEFAULT_MAX_METADATA_SIZE = 16_384;
/** Objects and arrays inside each other in an inbound `metadata`, itself counted. */
export const DEFAULT_MAX_METADATA_DEPTH = 16;
/** The most that `maxMetadataDepth` may be set to, and the nesting of what the application writes. */
export const MAX_METADATA_DEPTH = 256;

/** Envelopes that a session's log keeps. */
export const DEFAULT_MAX_STORED_MESSAGES = 100;
export const MAX_STORED_MESSAGES = 100_000;
/** Newest envelopes whose ids are remembered, so that a retry enters the log once. */
export const ID_MEMORY = 1_000;

/** What a plain reconnect is given at most; past either bound it is a gap. */
export const PLAIN_REPLAY_MESSAGES = 1_000;
export const PLAIN_REPLAY_BYTES = 8_388_608;
/** What one replay page of `workkit.chat.v1` holds at most; one envelope always fits. */
export const REPLAY_PAGE_MESSAGES = 200;
export const REPLAY_PAGE_BYTES = 262_144;
/** Envelopes in one answer of `history()`. */
export const DEFAULT_HISTORY_LIMIT = 100;
export const MAX_HISTORY_LIMIT = 1_000;
/** Bytes of the envelopes in one answer of `history()`; one always fits. */
export const MAX_HISTORY_BYTES = 8_388_608;

/** Messages that one connection may send at once, and then per second. */
export const DEFAULT_RATE_BURST = 100;
export const DEFAULT_RATE_PER_SECOND = 20;
/** All connections of one limit key together have the same burst, and so many times as much per second. */
export const KEY_RATE_FACTOR = 2;
/** Bytes of the messages that one limit key may send at once, and then per second. */
export const DEFAULT_BYTE_RATE_BURST = 8_388_608;
export const DEFAULT_BYTES_PER_SECOND = 1_048_576;
/** Bytes of an inbound `typing`, as UTF-8. */
export const MAX_TYPING_SIZE = 1_024;
/** Socket writes per second, and at once, that a session spends on what its clients type; one limit key may have half of them. */
export const TYPING_WRITES_PER_SECOND = 2_000;
/** Rejected frames that one connection may send at once, and then per second, before it is closed. */
export const DEFAULT_VIOLATION_BURST = 100;
export const DEFAULT_VIOLATIONS_PER_SECOND = 1;
/** Connections of one session. */
export const DEFAULT_MAX_CONNECTIONS = 1_000;
/** Connections that a reconnecting client may name as given up; our client names the newest. */
export const MAX_REPLACED = 100;
/** Sockets that were refused or that the server closed, and whose peers are not gone: of one limit key, and of a session. */
export const MAX_CLOSING_PER_KEY = 16;
export const MAX_CLOSING = 64;
/** Turns running and queued, of a session or of a stateless connection; the next message is rejected with `BUSY`. */
export const MAX_UNFINISHED_TURNS = 1_000;
/** Characters of the messages whose turns are running or queued. */
export const MAX_UNFINISHED_CONTENT = 8_388_608;
/** Turns of a session that run at once, where those of one author do not overlap; a limit key may have half of what the others leave. */
export const MAX_TURNS_AT_ONCE = 16;
/** Bytes of a streamed reply, as JSON. */
export const DEFAULT_MAX_REPLY_SIZE = 1_048_576;
/** The most that `maxReplySize` may be set to: a reply must fit an envelope. */
export const MAX_REPLY_SIZE = 1_800_000;
/** Bytes of all replies that are being streamed in a session; one limit key may have half of what the others leave. */
export const MAX_STREAMED = 16_777_216;
/** Characters of frames that are kept for viewers which are behind: of one reply, and of all together. */
export const MAX_KEPT_OF_REPLY = 262_144;
export const MAX_KEPT = 4_194_304;
/** Parts of a streamed reply at most: what each adds to the envelope beside its bytes fits it, too. */
export const MAX_REPLY_PARTS = 1_000;
/** Calls of `context.once` in one turn, the characters of their keys, and the bytes of their results, as JSON. */
export const MAX_CALLS = 1_000;
export const MAX_CALL_KEY_LENGTH = 256;
export const MAX_CALL_RESULT_SIZE = 1_048_576;
/** Calls of tools that wait for an answer, in a session and of the messages of one identity; past either a reply ends with `BUSY`. */
export const MAX_OPEN_CALLS = 100;
export const MAX_OPEN_CALLS_PER_IDENTITY = 20;
/** Bytes of the inputs of the open calls of one reply, as JSON. */
export const MAX_CALL_INPUTS = 262_144;
/** Milliseconds for which a call may be answered: 30 days. */
export const DEFAULT_ANSWER_TIMEOUT = 2_592_000_000;
/** Units of work that one limit key may cause at once, and then per second. docs/reference/limits.md has the prices. */
export const DEFAULT_WORK_BURST = 30_000;
export const DEFAULT_WORK_PER_SECOND = 3_000;

/** Characters that a connection is sent before it has to prove, by the answer to a ping, that it reads them. */
export const UNREAD_BEFORE_PING = 262_144;
/** Characters that a v1 connection may have unproven. Beyond, it goes on by pages. */
export const MAX_SEND_WINDOW = 524_288;
/** Characters that a plain connection is sent before it is closed, for it cannot prove that it reads. */
export const MAX_PLAIN_SENT = 16_777_216;
/** The same for all plain connections of one limit key that are not gone, as far as only their own frames say that they read. */
export const MAX_PLAIN_SENT_BY_KEY = 33_554_432;
/** Characters of entries that a session keeps in memory for v1 connections that go on by pages. */
export const MAX_RECENT = 16_777_216;
/** Characters unread from which on a connection may keep the object awake: a plain one that is silent is then closed. */
export const MAX_UNREAD_ASLEEP = 1_048_576;
/** Characters that all connections of a session may have unproven. */
export const MAX_UNREAD = 67_108_864;

/** Milliseconds between heartbeats. A peer silent for two of them is dead (P9). */
export const DEFAULT_HEARTBEAT_INTERVAL = 30_000;
/** Milliseconds that one turn may take without a piece of a reply; while a tool of a reply runs, without its output; and in all. */
export const DEFAULT_TURN_TIMEOUT = 120_000;
export const DEFAULT_TOOL_TIMEOUT = 600_000;
export const DEFAULT_MAX_TURN_TIME = 900_000;
/** Times that a turn is begun before an interruption is reported in place of a reply. */
export const DEFAULT_TURN_ATTEMPTS = 3;
/** Times that a turn is begun, if `turnAttempts` is not more, where attempts that finished something new do not count for `turnAttempts`. */
export const MAX_TURN_ATTEMPTS = 20;

/** Characters of an identity's id and name. */
export const MAX_IDENTITY_ID_LENGTH = 128;
export const MAX_IDENTITY_NAME_LENGTH = 256;
/** Bytes of an identity's metadata, encoded as JSON; it lives in the connection's attachment. */
export const MAX_IDENTITY_METADATA_SIZE = 4_096;
