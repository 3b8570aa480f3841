import type { ReactElement } from "react";
import { CopyButton } from "../copy-button.js";
import { Scrolling } from "../scrolling.js";

/** Code, with a button that copies it. */
export function CodeBlock({ language, text }: { language: string; text: string }): ReactElement {
  return (
    <figure className="code">
      <figcaption>
        <span>{language === "" ? "text" : language}</span>
        <CopyButton text={text} what="code" />
      </figcaption>
      <Scrolling label="Code">
        <pre>
          <code>{text}</code>
        </pre>
      </Scrolling>
    </figure>
  );
}
