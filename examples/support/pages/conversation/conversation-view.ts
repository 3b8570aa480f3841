import type { ChatSnapshot, ClientMessage } from "@workkit/chat/client";
import { onNetwork, type Unread } from "@workkit/chat/page";
import { type ComposerActions, MessageBox } from "./composer.js";
import { type ConnectionActions, ConnectionLine } from "./connection-line.js";
import { element } from "./element.js";
import { MessageList, type MessageListActions } from "./message-list.js";
import { typingLine } from "./typing-line.js";

export type ConversationActions = ComposerActions & ConnectionActions & Omit<MessageListActions, "edit">;

/** A conversation to read and write in: the connection, the messages, who types, the box. */
export class ConversationView {
  readonly elements: HTMLElement[];
  readonly #connection: ConnectionLine;
  readonly #list: MessageList;
  readonly #typing = element("p", { class: "typing" });
  readonly #box: MessageBox;
  readonly #stopListening: () => void;
  #snapshot: ChatSnapshot | undefined;

  /**
   * @param opening what stands above the messages
   * @param draft names what is written here and not sent
   */
  constructor(opening: Node, draft: string, actions: ConversationActions) {
    const send = (text: string): void => {
      actions.send(text);
      this.#list.toEnd();
    };
    const edit = ({ id, content }: ClientMessage): void => {
      actions.discard(id);
      this.#box.restore(content);
    };
    this.#box = new MessageBox(draft, { ...actions, send });
    this.#connection = new ConnectionLine(actions);
    this.#list = new MessageList(opening, { ...actions, edit });
    this.#stopListening = onNetwork(() => this.#snapshot && this.#connection.draw(this.#snapshot));
    this.elements = [this.#connection.element, this.#list.element, this.#typing, this.#box.element];
  }

  /** Whether the newest message is in sight. */
  get isAtEnd(): boolean {
    return this.#list.isAtEnd;
  }

  draw(snapshot: ChatSnapshot, unread: Unread): void {
    this.#snapshot = snapshot;
    this.#connection.draw(snapshot);
    this.#list.draw(snapshot, unread);
    const typing = typingLine(snapshot);
    if (this.#typing.textContent !== typing) this.#typing.textContent = typing;
  }

  /** Shows the newest message. */
  toEnd(): void {
    this.#list.toEnd();
  }

  /** Ready to be written in. */
  focus(): void {
    this.#box.focus();
  }

  dispose(): void {
    this.#stopListening();
    this.#list.dispose();
    this.#box.dispose();
  }
}
