import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { onceOnly } from "../fixtures/kinds.js";
import { openSession, type SessionRoom } from "../fixtures/rooms.js";
import type { Frame, TestSocket } from "../fixtures/socket.js";
import { ack, connectV1 } from "../fixtures/v1.js";

/** What a client does: it says a message or a tool result, or types; or another connection of its author says one. Or turns end. */
type Action = { does: "say"; id: string } | { does: "elsewhere"; id: string } | { does: "type" } | { does: "end" };

const BURST = 6;
/** Entries of the log. Half of them is what the unfinished turns of one limit key may be, and awaited tool results as many again. */
const CAPACITY = 4;

const typeOf = (id: string) => (id.startsWith("result") ? "tool_result" : "message");

/** What the rules of PROTOCOL.md make of it. */
class Model {
  /** The ids in the log, in order. */
  readonly log: string[] = [];
  blockedBy: { id: string; isBusy: boolean } | undefined;
  readonly rate = { own: BURST, elsewhere: BURST };
  /** Unfinished turns of the one limit key and of the other, and awaited tool results. */
  readonly turns = { own: 0, elsewhere: 0, awaited: 0 };

  knows(id: string): boolean {
    return this.log.slice(-CAPACITY).includes(id);
  }

  get isRunning(): boolean {
    return this.turns.own + this.turns.elsewhere > 0;
  }

  /** The turns that the answer to a message depends on: those it would be counted with. */
  #isFull(of: "own" | "elsewhere", isAwaited: boolean): boolean {
    const { own, elsewhere, awaited } = this.turns;
    const [mine, all] = isAwaited ? [awaited, awaited] : [this.turns[of], own + elsewhere];
    return mine + all >= CAPACITY;
  }

  say(id: string): string {
    if (this.blockedBy && this.knows(this.blockedBy.id)) this.blockedBy = undefined;
    if (this.knows(id)) return "retry";
    const isBehind = this.blockedBy !== undefined && this.blockedBy.id !== id;
    const isExempt = isBehind && this.blockedBy?.isBusy === true && typeOf(id) === "tool_result";
    if (isBehind && !isExempt) return "RATE_LIMITED";
    if (this.rate.own === 0) {
      if (!isExempt) this.blockedBy = { id, isBusy: false };
      return "RATE_LIMITED";
    }
    this.rate.own -= 1;
    if (!isExempt) this.blockedBy = undefined;
    const isAwaited = typeOf(id) === "tool_result" && this.isRunning;
    if (this.#isFull("own", isAwaited)) {
      this.blockedBy ??= { id, isBusy: true };
      return "BUSY";
    }
    this.turns[isAwaited ? "awaited" : "own"] += 1;
    this.log.push(id);
    return "ack";
  }

  type(): string {
    if (this.blockedBy && this.knows(this.blockedBy.id)) this.blockedBy = undefined;
    if (this.rate.own === 0) return "RATE_LIMITED";
    this.rate.own -= 1;
    return this.#isFull("own", false) ? "BUSY" : "accepted";
  }

  elsewhere(id: string): string {
    if (this.knows(id)) return "retry";
    if (this.rate.elsewhere === 0) return "RATE_LIMITED";
    this.rate.elsewhere -= 1;
    if (this.#isFull("elsewhere", false)) return "BUSY";
    this.turns.elsewhere += 1;
    this.log.push(id);
    return "accepted";
  }

  end(): number {
    const ended = this.turns.own + this.turns.elsewhere + this.turns.awaited;
    this.turns.own = this.turns.elsewhere = this.turns.awaited = 0;
    return ended;
  }
}

/** A session whose turns end when they are let, a v1 connection of an author, and a plain one of the same author with a limit key of its own. */
class Conversation {
  readonly room: SessionRoom;
  readonly #turns = { mayEnd: false, ended: 0 };
  #own: TestSocket | undefined;
  #other: TestSocket | undefined;
  #typed = 0;
  readonly #options = {
    maxStoredMessages: CAPACITY,
    violationLimit: false as const,
    authenticate: () => ({ id: "ann" }),
    limitKey: ({ headers }: Request) => headers.get("x-key") ?? "own",
  };

  constructor() {
    const turns = this.#turns;
    this.room = openSession({
      ...this.#options,
      rateLimit: onceOnly(BURST),
      onMessage: async (_id, { type }, { send }) => {
        if (type === "typing") return undefined;
        send({ type: "tool_call", content: "?" });
        while (!turns.mayEnd) await scheduler.wait(1);
        turns.ended += 1;
        return undefined;
      },
    });
  }

  async connect(): Promise<this> {
    this.#own = (await connectV1(this.room)).socket;
    this.#other = await this.room.connect({ headers: { "x-key": "other" } });
    return this;
  }

  get own(): TestSocket {
    if (this.#own === undefined) throw new Error("not connected");
    return this.#own;
  }

  get #elsewhere(): TestSocket {
    if (this.#other === undefined) throw new Error("not connected");
    return this.#other;
  }

  /** Says it, and waits for its turn to call its tool if it `begins` one. */
  async say(id: string, begins: boolean): Promise<string> {
    const [start, calls] = [this.own.frames.length, callsOf(this.own)];
    this.own.say(id, { id, type: typeOf(id) });
    const { type, metadata, retry } = await this.own.find((frame) => {
      return isAnswer(frame, id) && this.own.frames.indexOf(frame) >= start;
    });
    if (type === "error") return String(metadata?.["code"]);
    if (begins) await this.own.find(() => callsOf(this.own) > calls);
    return retry === true ? "retry" : "ack";
  }

  async type(): Promise<string> {
    const id = `typing ${this.#typed++}`;
    this.own.say("", { id, type: "typing" });
    await this.own.settle();
    return codeOf(this.own.frames.find((frame) => isAnswer(frame, id)));
  }

  async elsewhere(id: string, begins: boolean): Promise<string> {
    const socket = this.#elsewhere;
    await socket.settle();
    const [start, calls] = [socket.frames.length, callsOf(socket)];
    socket.say(id, { id });
    await socket.settle();
    const code = codeOf(socket.frames.slice(start).find((frame) => isAnswer(frame, id)));
    if (begins) await socket.find(() => callsOf(socket) > calls);
    const isRetry = socket.frames.slice(start).some((frame) => frame["id"] === id);
    return isRetry ? "retry" : code;
  }

  /** Lets so many turns end, and waits for it. */
  async end(count: number): Promise<void> {
    const { ended } = this.#turns;
    this.#turns.mayEnd = true;
    while (this.#turns.ended < ended + count) await scheduler.wait(1);
    await this.own.settle();
    this.#turns.mayEnd = false;
  }

  /** Nothing limits the rate any more, and turns end at once. */
  async relax(): Promise<void> {
    await this.room.deploy({ ...this.#options, rateLimit: false, onMessage: async () => undefined });
  }
}

const callsOf = (socket: TestSocket) => socket.frames.filter(({ type }) => type === "tool_call").length;
const isAnswer = ({ type, id, metadata }: Frame, to: string) =>
  (type === "ack" && id === to) || (type === "error" && metadata?.["inReplyTo"] === to);
const codeOf = (error: Frame | undefined) => String(error?.metadata?.["code"] ?? "accepted");

async function act(action: Action, model: Model, conversation: Conversation): Promise<[wanted: string, given: string]> {
  if (action.does === "end") {
    await conversation.end(model.end());
    return ["", ""];
  }
  const wasRunning = model.isRunning;
  if (action.does === "type") return [model.type(), await conversation.type()];
  if (action.does === "elsewhere") {
    const wanted = model.elsewhere(action.id);
    return [wanted, await conversation.elsewhere(action.id, wanted === "accepted" && !wasRunning)];
  }
  const wanted = model.say(action.id);
  const begins = wanted === "ack" && (!wasRunning || typeOf(action.id) === "tool_result");
  return [wanted, await conversation.say(action.id, begins)];
}

/** Has a client act so, and compares each answer, then the log. Then what was not accepted is sent again, in order. */
async function check(actions: readonly Action[]): Promise<void> {
  const model = new Model();
  const conversation = await new Conversation().connect();
  const answers: [action: Action, wanted: string, given: string][] = [];
  for (const action of actions) answers.push([action, ...(await act(action, model, conversation))]);
  expect(answers.map(([action, , given]) => [action, given])).toEqual(
    answers.map(([action, wanted]) => [action, wanted]),
  );
  const ids = async () => (await conversation.room.session.history()).messages.map(({ id }) => id);
  expect(await ids()).toEqual(model.log.slice(-CAPACITY));
  await conversation.end(model.end());
  await conversation.relax();
  const { id = "last" } = model.blockedBy ?? {};
  for (const again of [id, "last"]) conversation.own.say(again, { id: again, type: typeOf(again) });
  await ack(conversation.own, "last");
}

const messages = ["a", "b", "c", "d"];
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant("say" as const), id: fc.constantFrom(...messages) }) },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant("say" as const), id: fc.constantFrom("result 1", "result 2") }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("elsewhere" as const), id: fc.constantFrom(...messages) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("type" as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("end" as const) }) },
);

describe("P3, P12: what a client sends on workkit.chat.v1", () => {
  it("is accepted and refused as PROTOCOL.md says, whatever comes in whatever order", async () => {
    const actions = fc.array(action, { minLength: 4, maxLength: 16 });
    await fc.assert(fc.asyncProperty(actions, check), {
      numRuns: 60,
      timeout: 20_000,
      interruptAfterTimeLimit: 30_000,
    });
  });

  const say = (...ids: string[]) => ids.map((id) => ({ does: "say" as const, id }));
  const end: Action = { does: "end" };
  const type: Action = { does: "type" };
  const cases: readonly { what: string; actions: readonly Action[] }[] = [
    {
      what: "is not accepted before a message that was refused for want of room",
      actions: say("a", "b", "c", "d", "a"),
    },
    {
      what: "is accepted in order once the refused message comes again",
      actions: [...say("a", "b", "c", "d"), end, ...say("d", "c", "d")],
    },
    {
      what: "takes nothing from the rate while it is out of turn",
      actions: [...say("a", "b", "c", "d", "d", "d", "d", "d"), end, ...say("c", "d", "a")],
    },
    {
      what: "passes a message that found no room if it is an awaited tool result",
      actions: say("a", "b", "c", "result 1", "d", "result 2", "result 3"),
    },
    {
      what: "passes no message that was refused for its rate",
      actions: [...Array(5).fill(type), ...say("a", "b", "result 1", "b")],
    },
    {
      what: "leaves the order as it is if it is a tool result that finds no room",
      actions: [...say("a", "b", "c", "result 1", "result 2", "result 3"), end, ...say("result 3", "c")],
    },
    {
      what: "waits for nothing if it is typing",
      actions: [...say("a"), ...Array(5).fill(type), type, ...say("b"), type],
    },
    {
      what: "is blocked no more once another connection has sent the refused message",
      actions: [...say("a", "b", "c"), { does: "elsewhere", id: "c" }, end, ...say("d")],
    },
  ];
  it.each(cases)("$what", ({ actions }) => check(actions));
});
