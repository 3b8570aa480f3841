import type { DynamicToolUIPart } from "ai";
import type { ReactElement } from "react";
import { Scrolling } from "./scrolling.js";

/** Answers whether a tool may run. */
export type Respond = (answer: { id: string; approved: boolean; reason?: string }) => unknown;

const NAMES: Readonly<Record<string, string>> = {
  list_notes: "Read the notes",
  add_note: "Keep a note",
  delete_notes: "Delete all notes",
};

interface ToolCardProps {
  call: DynamicToolUIPart;
  /** Whether an answer of the user still counts. */
  mayAnswer: boolean;
  respond: Respond;
}

/** A call of a tool: what it was given, what it has returned, and the question whether it may run. */
export function ToolCard({ call, mayAnswer, respond }: ToolCardProps): ReactElement {
  const name = NAMES[call.toolName] ?? call.toolName;
  if (call.state === "approval-requested" && mayAnswer) {
    return <Question name={name} input={call.input} id={call.approval.id} respond={respond} />;
  }
  return (
    <details className="call" data-state={call.state}>
      <summary>
        <span>{name}</span> <span className="outcome">{outcomeOf(call)}</span>
      </summary>
      <Value label="Given" value={call.input} />
      {call.state === "output-available" && <Value label="Returned" value={call.output} />}
      {call.state === "output-error" && <Value label="Failed" value={call.errorText} />}
    </details>
  );
}

interface QuestionProps {
  name: string;
  input: unknown;
  id: string;
  respond: Respond;
}

/** What is allowed must be seen: the input is shown, unless there is none. */
function Question({ name, input, id, respond }: QuestionProps): ReactElement {
  const isEmpty = Object.keys(Object(input)).length === 0;
  return (
    <section className="call asks" aria-label={`May I ${name.toLowerCase()}?`}>
      <p>
        May I <strong>{name.toLowerCase()}</strong>?
      </p>
      {!isEmpty && <Value label="Given" value={input} />}
      <p className="choices">
        <button type="button" className="primary" onClick={() => respond({ id, approved: true })}>
          Allow
        </button>
        <button type="button" onClick={() => respond({ id, approved: false, reason: "The user said no." })}>
          Don’t
        </button>
      </p>
    </section>
  );
}

function outcomeOf({ state, approval }: DynamicToolUIPart): string {
  if (state === "output-available") return "Done";
  if (state === "output-error") return "Failed";
  if (state === "approval-requested") return "Not answered";
  if (approval?.approved === false || state === "output-denied") return "Not allowed";
  return approval?.approved ? "Allowed…" : "Running…";
}

function Value({ label, value }: { label: string; value: unknown }): ReactElement {
  return (
    <>
      <p className="label">{label}</p>
      <Scrolling label={label}>
        <pre>{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>
      </Scrolling>
    </>
  );
}
