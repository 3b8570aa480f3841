import type { ReactElement } from "react";

const EXAMPLES = [
  "Remember that the plants need water on Friday",
  "List my notes",
  "Delete my notes",
  "Show me some code",
];

/** What an empty conversation shows. @param props.choose puts a text into the box */
export function Opening({ choose }: { choose(text: string): void }): ReactElement {
  return (
    <div className="opening">
      <span className="mark" aria-hidden="true">
        ✳
      </span>
      <h2>What can I do for you?</h2>
      <ul>
        {EXAMPLES.map((text) => (
          <li key={text}>
            <button type="button" onClick={() => choose(text)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
