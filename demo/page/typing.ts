/** Typing that is not renewed is over after this, in ms: a window may close in the middle of a word. */
const LIFE = 5_000;
/** A typing user says so again this often, in ms. */
const RENEWAL = 2_500;

/** Who else is typing at this moment. */
export class TypingBoard {
  readonly #timers = new Map<string, { name: string; timer: ReturnType<typeof setTimeout> }>();
  readonly #changed: (text: string) => void;

  /** @param changed is given the line to show, empty when nobody types. */
  constructor(changed: (text: string) => void) {
    this.#changed = changed;
  }

  started(id: string, name: string): void {
    clearTimeout(this.#timers.get(id)?.timer);
    this.#timers.set(id, { name, timer: setTimeout(() => this.stopped(id), LIFE) });
    this.#tell();
  }

  stopped(id: string): void {
    const typing = this.#timers.get(id);
    if (typing === undefined) return;
    clearTimeout(typing.timer);
    this.#timers.delete(id);
    this.#tell();
  }

  clear(): void {
    for (const id of [...this.#timers.keys()]) this.stopped(id);
  }

  #tell(): void {
    const names = [...this.#timers.values()].map(({ name }) => name);
    const [first = "", second] = names;
    if (names.length === 0) this.#changed("");
    else if (names.length === 1) this.#changed(`${first} is typing`);
    else if (names.length === 2) this.#changed(`${first} and ${second} are typing`);
    else this.#changed("Several people are typing");
  }
}

/** Turns key strokes into few words on the wire: at the start, now and then, and at the end. */
export class TypingNotice {
  readonly #send: (active: boolean) => void;
  #saidAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (active: boolean) => void) {
    this.#send = send;
  }

  /** A key was struck. */
  stroke(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), LIFE);
    if (Date.now() - this.#saidAt < RENEWAL) return;
    this.#saidAt = Date.now();
    this.#send(true);
  }

  /** The box was emptied, or left alone, without a message. */
  end(): void {
    if (this.#stop()) this.#send(false);
  }

  /** The message left. For the others that ends the typing, and no frame is needed to say so. */
  sent(): void {
    this.#stop();
  }

  #stop(): boolean {
    clearTimeout(this.#timer);
    const typing = this.#saidAt !== 0;
    this.#saidAt = 0;
    return typing;
  }
}
