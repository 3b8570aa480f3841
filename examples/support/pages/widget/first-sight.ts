import type { ChatSnapshot } from "@workkit/chat/client";
import { deskState, HOURS, REPLY_TIME, zoneName } from "../../shared/hours.js";
import { button, element, icon } from "../conversation/element.js";

/** What visitors ask most. The bot has an answer to each. */
const QUESTIONS = ["Where is my order?", "How do I return something?", "When are you open?"];
const CLOCK = "M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z";
const PEOPLE =
  "M15 20v-1a5 5 0 0 0-5-5H8a5 5 0 0 0-5 5v1M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM21 20v-1a5 5 0 0 0-3-4.6M15.5 4.3a3.5 3.5 0 0 1 0 6.4";

/** What a new visitor sees above the box: when people answer, and questions to begin with. */
export class FirstSight {
  readonly element: HTMLElement;
  readonly #facts: HTMLElement;
  readonly #questions: HTMLElement;

  constructor(ask: (question: string) => void) {
    const zone = zoneName(new Date());
    this.#facts = element(
      "ul",
      { class: "facts" },
      element("li", {}, icon(CLOCK), `${HOURS} (${zone})`),
      element("li", {}, icon(PEOPLE), `People answer ${REPLY_TIME}`),
    );
    this.#questions = element(
      "div",
      { class: "questions", role: "group", "aria-label": "Questions to begin with" },
      ...QUESTIONS.map((question) => button(question, "question", () => ask(question))),
    );
    this.element = element(
      "div",
      { class: "opening" },
      element("p", { class: "welcome" }, "How can we help?"),
      element(
        "p",
        {},
        "A script answers at once, people as soon as they can. You may close this and come back: it is kept.",
      ),
      this.#facts,
      this.#questions,
    );
  }

  draw({ messages, hasOlder, status }: ChatSnapshot): void {
    const isNew = messages.length === 0 && !hasOlder;
    this.element.hidden = hasOlder;
    this.#facts.hidden = !isNew;
    // Somebody who was here before has messages, which are still on their way.
    this.#questions.hidden = !isNew || status === "connecting";
  }
}

/** Whether people are there now, in one line. */
export function stateLine(): HTMLElement {
  const { isOpen, opens } = deskState(new Date());
  const text = isOpen ? `Open now, answers ${REPLY_TIME}` : `People are back ${opens}`;
  return element("p", { class: isOpen ? "state open" : "state" }, text);
}
