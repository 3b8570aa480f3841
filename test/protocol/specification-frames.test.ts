import { describe, expect, it } from "vitest";
import { isDurable, MESSAGE_TYPES, ROLES } from "../../src/protocol/envelope.js";
import type {
  AnnouncedLimits,
  Author,
  ChatErrorOptions,
  ChatMessage,
  ChatMessageType,
  ClientEnvelope,
  ClientFrame,
  DecodedMessage,
  HelloFrame,
  SequencedMessage,
  ServerFrame,
} from "../../src/protocol/index.js";
import { cell, code, section, sentence, table } from "./specification.js";

/*
 * Types are gone when a test runs. So each is written here once more, field by field, in a form that the compiler holds
 * against the type in both directions, and that the tests hold against the page.
 */
type Fields<T> = { [K in keyof T]-?: object extends Pick<T, K> ? "optional" : "required" };

/** The control frames of a union, with the fields of each. */
type ControlFrames<Frame extends { type: string }> = {
  [T in Exclude<Frame["type"], ChatMessageType>]: Fields<Omit<Extract<Frame, { type: T }>, "type">>;
};

const envelope: Fields<ChatMessage> = {
  id: "required",
  type: "required",
  role: "required",
  content: "required",
  metadata: "optional",
  timestamp: "required",
};

const decoded: Fields<DecodedMessage> = { ...envelope, id: "optional", role: "optional", timestamp: "optional" };

const addedBy: {
  client: Fields<Omit<ClientEnvelope, keyof ChatMessage>>;
  server: Fields<Omit<SequencedMessage, keyof ChatMessage>>;
} = { client: { after: "optional" }, server: { seq: "required" } };

const serverFrames: ControlFrames<ServerFrame> = {
  hello: {
    protocol: "required",
    sessionId: "required",
    connectionId: "required",
    epoch: "required",
    head: "required",
    tail: "required",
    resume: "required",
    replayFrom: "required",
    identity: "required",
    limits: "required",
    features: "required",
    expiresIn: "optional",
  },
  ack: { id: "required", seq: "required", timestamp: "required", retry: "optional" },
  page: { seq: "required", more: "required" },
  history: { before: "required", messages: "required", more: "required" },
  auth: { identity: "required", expiresIn: "optional" },
  stream: { id: "required", ref: "required", attempt: "required", n: "required", parts: "required" },
  delta: { id: "required", n: "required", at: "required", text: "optional", part: "optional" },
  cancelled: { id: "required", result: "required" },
  over: { id: "required" },
  ping: { nonce: "optional" },
  pong: { nonce: "optional" },
};

const clientFrames: ControlFrames<ClientFrame> = {
  next: { seq: "required" },
  history: { before: "required", limit: "required" },
  auth: { token: "required" },
  cancel: { id: "required" },
  await: { id: "required" },
  ping: { nonce: "optional" },
  pong: { nonce: "optional" },
};

const resumes: Record<HelloFrame["resume"], true> = { new: true, complete: true, gap: true };
const author: Fields<Author> = { id: "required", name: "optional" };
const announced: Fields<AnnouncedLimits> = {
  maxMessageSize: "required",
  maxMetadataSize: "required",
  maxMetadataDepth: "required",
  heartbeatInterval: "required",
};
const errorMetadata: Fields<Omit<ChatErrorOptions, "cause"> & { code: string }> = {
  code: "required",
  inReplyTo: "optional",
  retryAfterMs: "optional",
};

/** Fields as the page lists them in backticks, "`id`, `retry`?". */
function listed(text: string): Record<string, string> {
  return Object.fromEntries(
    Array.from(text.matchAll(/`([^`]+)`(\?)?/g), ([, name, mark]) => [name, mark ? "optional" : "required"]),
  );
}

/** Fields as the page writes an object, "{id, name?}". */
function inBraces(text: string): Record<string, string> {
  const names = text.split(",").map((name) => name.trim());
  return Object.fromEntries(names.map((name) => [name.replace("?", ""), name.endsWith("?") ? "optional" : "required"]));
}

/** Each control frame that a table of the page names, with its fields; `ping`, `pong` share a row. */
function controlFrames(title: string): Record<string, Record<string, string>> {
  const rows = table(title).filter((row) => cell(row, "frame") !== "envelope");
  return Object.fromEntries(
    rows.flatMap((row) => code(cell(row, "frame")).map((name) => [name, listed(cell(row, "fields"))])),
  );
}

function envelopeRow(title: string): string {
  return table(title)
    .filter((row) => cell(row, "frame") === "envelope")
    .map((row) => cell(row, "fields"))
    .join();
}

describe("the envelope of PROTOCOL.md", () => {
  const rows = table("Envelopes").map((row) => ({ ...row, name: code(cell(row, "field")).join() }));
  const column = (name: string) => new Map(rows.map((row) => [row.name, cell(row, name)]));

  it("has the fields of the code", () => {
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(envelope));
  });

  it("may lack, from the server, the fields that the code says may be missing", () => {
    const fromServer = Array.from(column("from the server"), ([name, text]) => [
      name,
      text.startsWith("optional") ? "optional" : "required",
    ]);
    expect(Object.fromEntries(fromServer)).toEqual(envelope);
  });

  it("may lack, from a client, the fields that DecodedMessage says may be missing", () => {
    const isOptional = (text: string) => /^(optional|ignored)/.test(text);
    const fromClient = Array.from(column("from a client"), ([name, text]) => [
      name,
      isOptional(text) ? "optional" : "required",
    ]);
    expect(Object.fromEntries(fromClient)).toEqual(decoded);
  });

  it("has the types and roles of the code", () => {
    expect(code(column("type").get("type") ?? "")).toEqual([...MESSAGE_TYPES]);
    expect(code(column("type").get("role") ?? "")).toEqual([...ROLES]);
  });

  it("is durable or ephemeral as the code has it", () => {
    const durable = code(sentence("Envelopes", /(`message`, [^;]+) are durable;/));
    const ephemeral = code(sentence("Envelopes", /; ([^;]+) are ephemeral\./));
    expect(durable.sort()).toEqual(MESSAGE_TYPES.filter(isDurable).sort());
    expect([...durable, ...ephemeral].sort()).toEqual([...MESSAGE_TYPES].sort());
  });

  it("has the metadata of a ChatError when it is an error", () => {
    expect(inBraces(sentence("Envelopes", /metadata:\{([^}]+)\}/))).toEqual(errorMetadata);
  });

  it("tells its author as the code does", () => {
    expect(inBraces(sentence("Envelopes", /`from: \{([^}]+)\}`/))).toEqual(author);
  });
});

describe("the frames of PROTOCOL.md", () => {
  it("are, from the server, those of the code, field by field", () => {
    expect(controlFrames("Server frames")).toEqual(serverFrames);
  });

  it("are, from a client, those of the code, field by field", () => {
    expect(controlFrames("Client frames")).toEqual(clientFrames);
  });

  it("add to an envelope what the code adds", () => {
    expect(Object.keys(listed(envelopeRow("Server frames")))).toEqual(Object.keys(addedBy.server));
    const ignored = table("Envelopes").filter((row) => /\bignored\b/.test(cell(row, "from a client")));
    const sent = new Set([...Object.keys(envelope), ...Object.keys(addedBy.client)]);
    for (const name of ignored.flatMap((row) => code(cell(row, "field")))) sent.delete(name);
    expect(Object.keys(listed(envelopeRow("Client frames")))).toEqual([...sent]);
    expect(listed(envelopeRow("Client frames"))).toMatchObject(addedBy.client);
  });

  it("say in hello how it resumes, who the client is and what its limits are", () => {
    expect(
      code(sentence("Server frames", /`resume` is (.*?)\. `replayFrom`/)).filter((name) => name !== "since"),
    ).toEqual(Object.keys(resumes));
    expect(inBraces(sentence("Server frames", /`identity` is `\{([^}]+)\}`/))).toEqual(author);
    expect(inBraces(sentence("Server frames", /`limits` is `\{([^}]+)\}`/))).toEqual(announced);
  });

  it("are each explained below their table, unless they are heartbeats", () => {
    for (const title of ["Server frames", "Client frames"]) {
      const explained = Array.from(section(title).matchAll(/^- `([^`]+)`/gm), (match) => match[1]);
      const silent = Object.keys(controlFrames(title)).filter((name) => !/^p[io]ng$/.test(name));
      expect(silent.filter((name) => !explained.includes(name))).toEqual([]);
    }
  });
});
