import { describe, expect, it } from "vitest";
import { FAULTS, type Fault, MAX_SIZE, type Server } from "../fixtures/faults.js";
import { PRECEDENCE } from "../fixtures/precedence.js";
import type { Frame } from "../fixtures/socket.js";
import { frameOf, prepare } from "../fixtures/stage.js";

const placeOf = ({ row }: Fault) => PRECEDENCE.findIndex(({ fault }) => fault === row);

/** Whether one frame can have both. */
function combine(one: Fault, other: Fault, { kind }: Server): boolean {
  if (one.write && other.write) return false;
  const fields = { ...one.fields };
  for (const [name, value] of Object.entries(other.fields ?? {})) {
    if (name !== "metadata" && name in fields && fields[name] !== value) return false;
  }
  const isTyping = [one, other].some((fault) => fault.fields?.["type"] === "typing");
  if (isTyping && (one.isOfDurable || other.isOfDurable)) return false;
  // There one that may only read can have spent nothing, and what fills the queue spends the bytes.
  const before = { ...one.before, ...other.before };
  const bytes = one.options?.byteRateLimit ?? other.options?.byteRateLimit;
  return kind === "session" || !((before.muted && (before.spent || before.busy)) || (bytes && before.busy));
}

const laterThan = (first: Fault, server: Server) =>
  FAULTS.filter((second) => {
    return placeOf(second) > placeOf(first) && isOn(second, server) && combine(first, second, server);
  });

function isOn({ on }: Fault, server: Server): boolean {
  return on?.(server) ?? true;
}

interface Answer {
  code: unknown;
  inReplyTo: unknown;
  /** Its text, without numbers. */
  text: string;
  /** Whether the log or the handler has seen anything of the frame. */
  hadEffect: boolean;
}

async function answerTo(server: Server, faults: readonly Fault[]): Promise<Answer> {
  const { socket, heard, log, end } = await prepare(server, faults);
  const effects = async () => [(await log()).map(({ id }) => id), heard.length].join();
  const before = await effects();
  const seen = new Set<Frame>(socket.frames);
  if (socket.closed === undefined) socket.send(frameOf(faults, "new"));
  let answer: Omit<Answer, "hadEffect">;
  try {
    const { metadata, content } = await socket.find((frame) => frame["type"] === "error" && !seen.has(frame));
    const text = String(content).replaceAll(/[\d,]*\d/g, "#");
    answer = { code: metadata?.["code"], inReplyTo: metadata?.["inReplyTo"], text };
  } catch (error) {
    if (socket.closed === undefined) throw error;
    answer = { code: socket.closed.code, inReplyTo: undefined, text: socket.closed.reason };
  }
  const hadEffect = before !== (await effects());
  end();
  return { ...answer, hadEffect };
}

/** What a frame is answered whose first fault by the table is `first`. */
function expected(first: Fault, others: readonly Fault[], text: string): Answer {
  const row = PRECEDENCE[placeOf(first)];
  const isRead = placeOf(first) > PRECEDENCE.findIndex(({ fault }) => fault === "the frame is not a JSON object");
  const fields = Object.assign({ id: "new" }, ...[...others, first].map((fault) => fault.fields ?? {}));
  const inReplyTo = isRead && fields.id !== "" ? fields.id : undefined;
  return { code: row?.code, inReplyTo, text, hadEffect: false };
}

const servers: Server[] = [
  { kind: "transport", dialect: "plain" },
  { kind: "session", dialect: "plain" },
  { kind: "session", dialect: "v1" },
];

describe.each(servers)("a frame with two faults, to a $kind on $dialect", (server) => {
  const faults = FAULTS.filter((fault) => isOn(fault, server));

  it.each(faults)("P7: is refused by the first of the table alone: $name", async (first) => {
    const alone = await answerTo(server, [first]);
    expect(alone).toEqual(expected(first, [], alone.text));
    const seconds = laterThan(first, server);
    const answers = await Promise.all(
      seconds.map(async (second) => [second.name, await answerTo(server, [second, first])] as const),
    );
    const wanted = seconds.map((second) => [second.name, expected(first, [second], alone.text)]);
    expect(Object.fromEntries(answers)).toEqual(Object.fromEntries(wanted));
  });
});

describe("a control frame of a limit key that has no work left", () => {
  const next = { type: "next", seq: 0 };
  it.each([
    { what: "is binary", frame: new ArrayBuffer(1), code: "INVALID_MESSAGE" },
    { what: "is too large", frame: { ...next, padding: "x".repeat(MAX_SIZE) }, code: "MESSAGE_TOO_LARGE" },
    { what: "is no JSON", frame: '{"type":"next"', code: "INVALID_MESSAGE" },
    { what: "has no seq", frame: { ...next, seq: "0" }, code: "INVALID_MESSAGE" },
    { what: "has no token", frame: { type: "auth", token: "" }, code: "INVALID_MESSAGE" },
    { what: "is right", frame: next, code: "RATE_LIMITED" },
    { what: "has a token", frame: { type: "auth", token: "ann" }, code: "RATE_LIMITED" },
    { what: "has a type that nobody knows", frame: { type: "nobody" }, code: "RATE_LIMITED" },
  ])("P7: is answered $code if it $what", async ({ frame, code }) => {
    const noWork = FAULTS.filter(({ before }) => before?.worked);
    const { socket } = await prepare({ kind: "session", dialect: "v1" }, noWork);
    socket.send(frame);
    expect((await socket.find(({ type }) => type === "error")).metadata?.["code"]).toBe(code);
  });
});
