import type { ChatSnapshot } from "@workkit/chat/client";
import { Composer, type ComposerActions } from "./composer.js";
import { type ConnectionActions, ConnectionLine } from "./connection-line.js";
import { element } from "./element.js";
import { MessageList, type MessageListActions } from "./message-list.js";
import { typingLine } from "./typing-line.js";

export type ConversationActions = ComposerActions & ConnectionActions & MessageListActions;

/** A conversation to read and write in: the connection, the messages, who types, the box. */
export class ConversationView {
  readonly elements: HTMLElement[];
  readonly #connection: ConnectionLine;
  readonly #list: MessageList;
  readonly #typing = element("p", { class: "typing" });
  readonly #news = element("p", { class: "hidden", role: "status" });
  readonly #composer: Composer;

  /** @param opening what stands above the messages */
  constructor(opening: Node, actions: ConversationActions) {
    this.#composer = new Composer(actions);
    const { connect, startAgain, retry, discard, loadOlder } = actions;
    this.#connection = new ConnectionLine({ connect: this.#andWrite(connect), startAgain: this.#andWrite(startAgain) });
    this.#list = new MessageList(opening, {
      retry: this.#andWrite(retry),
      discard: this.#andWrite(discard),
      loadOlder,
    });
    this.elements = [this.#connection.element, this.#list.element, this.#typing, this.#composer.element, this.#news];
  }

  draw(snapshot: ChatSnapshot): void {
    this.#connection.draw(snapshot);
    this.#list.draw(snapshot);
    this.#typing.textContent = typingLine(snapshot);
  }

  /** Has a screen reader say it. */
  announce(text: string): void {
    this.#news.textContent = text;
  }

  /** Ready to be written in, at the newest message. */
  focus(): void {
    this.#list.toEnd();
    this.#composer.focus();
  }

  /** One's own message is to be seen, wherever one was reading. */
  toEnd(): void {
    this.#list.toEnd();
  }

  /** The button that was pressed is about to go: the focus goes where it is of use. */
  #andWrite<Parameters extends unknown[]>(
    act: (...parameters: Parameters) => void,
  ): (...parameters: Parameters) => void {
    return (...parameters) => {
      act(...parameters);
      this.#composer.focus();
    };
  }
}
