import { type FormEvent, type ReactElement, useState } from "react";
import { type Person, signIn } from "./person.js";

/** Asks for a name. */
export function SignIn({ onSignIn }: { onSignIn(person: Person): void }): ReactElement {
  const [problem, setProblem] = useState("");
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    try {
      onSignIn(await signIn(name));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <span className="mark" aria-hidden="true">
          ✳
        </span>
        <h1>Assistant</h1>
        <p>It answers, keeps your notes, and asks before it deletes anything.</p>
        <label htmlFor="name">Your name</label>
        <input id="name" name="name" required maxLength={40} autoComplete="nickname" />
        <p className="problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="primary">
          Begin
        </button>
      </form>
    </main>
  );
}
