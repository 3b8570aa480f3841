import { type EngineTab, WINDOW } from "./engine.js";
import type { WebDriverSession } from "./webdriver.js";

/** The code points by which WebDriver names keys that type nothing. */
const KEYS: { [name: string]: string } = {
  Backspace: "\uE003",
  Tab: "\uE004",
  Enter: "\uE007",
  Shift: "\uE008",
  Control: "\uE009",
  Alt: "\uE00A",
  Escape: "\uE00C",
  PageUp: "\uE00E",
  PageDown: "\uE00F",
  End: "\uE010",
  Home: "\uE011",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
  Delete: "\uE017",
};

/** Says by `done` what an expression comes to. It is the body of a function that has `done` as its only argument. */
const ANSWER = (expression: string) => `
  const [done] = arguments;
  Promise.resolve()
    .then(() => ${expression})
    .then((value) => done({ value }), (error) => done({ error: String(error) }));`;

/** The windows of one session. A session acts in one window at a time, so a call switches to its own where that is another. */
export class WebKitWindows {
  readonly #session: WebDriverSession;
  #isFirst = true;
  #current: string | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: WebDriverSession) {
    this.#session = session;
  }

  async open(): Promise<EngineTab> {
    const handle = await this.#newWindow();
    const within = <Value>(work: (session: WebDriverSession) => Promise<Value>) => this.#within(handle, work);
    await within((session) => session.post("window/rect", { x: 0, y: 0, ...WINDOW }));
    return {
      goto: (address) => within((session) => session.post("url", { url: address })),
      reload: () => within((session) => session.post("refresh")),
      evaluate: (expression) => within((session) => evaluate(session, expression)),
      clickAt: (x, y) => within((session) => clickAt(session, x, y)),
      type: (text) => within((session) => pressInTurn(session, [...text])),
      press: (keys) => within((session) => pressTogether(session, keys)),
      screenshot: async () => Buffer.from(await within((session) => session.get<string>("screenshot")), "base64"),
      close: () => within((session) => this.#close(session)),
    };
  }

  /** The session's first window is there from the start. */
  async #newWindow(): Promise<string> {
    if (this.#isFirst) {
      this.#isFirst = false;
      return this.#session.get("window");
    }
    const { handle } = await this.#queue(() =>
      this.#session.post<{ handle: string }>("window/new", { type: "window" }),
    );
    return handle;
  }

  #within<Value>(handle: string, work: (session: WebDriverSession) => Promise<Value>): Promise<Value> {
    return this.#queue(async () => {
      if (this.#current !== handle) await this.#session.post("window", { handle });
      this.#current = handle;
      return work(this.#session);
    });
  }

  async #close(session: WebDriverSession): Promise<void> {
    this.#current = undefined;
    await session.delete("window");
  }

  #queue<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => "told to who asked");
    return done;
  }
}

async function evaluate(session: WebDriverSession, expression: string): Promise<unknown> {
  const script = ANSWER(expression);
  const { value, error } = await session.post<{ value?: unknown; error?: string }>("execute/async", {
    script,
    args: [],
  });
  if (error !== undefined) throw new Error(error);
  return value;
}

async function clickAt(session: WebDriverSession, x: number, y: number): Promise<void> {
  const actions = [
    { type: "pointerMove", duration: 0, x: Math.round(x), y: Math.round(y) },
    { type: "pointerDown", button: 0 },
    { type: "pointerUp", button: 0 },
  ];
  const parameters = { pointerType: "mouse" };
  await session.post("actions", { actions: [{ type: "pointer", id: "mouse", parameters, actions }] });
}

function pressInTurn(session: WebDriverSession, characters: readonly string[]): Promise<void> {
  const actions = characters.flatMap((value) => [
    { type: "keyDown", value },
    { type: "keyUp", value },
  ]);
  return session.post("actions", { actions: [{ type: "key", id: "keyboard", actions }] });
}

function pressTogether(session: WebDriverSession, keys: readonly string[]): Promise<void> {
  const values = keys.map(keyValue);
  const actions = [
    ...values.map((value) => ({ type: "keyDown", value })),
    ...values.toReversed().map((value) => ({ type: "keyUp", value })),
  ];
  return session.post("actions", { actions: [{ type: "key", id: "keyboard", actions }] });
}

function keyValue(key: string): string {
  const value = KEYS[key] ?? (key.length === 1 ? key : undefined);
  if (value === undefined) throw new Error(`WebDriver has no key ${key} here. Add it to KEYS.`);
  return value;
}
