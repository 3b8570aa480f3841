/** How long another tab has to answer, in milliseconds. */
const ANSWER_MS = 200;

export interface SignOutOptions {
  /** Names the user: all tabs with this name sign out together. */
  name: string;
  /** How many messages this tab has that are not sent, its draft included. */
  countUnsent(): number;
  /** Asks the user whether this many messages may be thrown away. Called only if there are any. Return `true` for yes. */
  confirm(unsent: number): boolean | Promise<boolean>;
  /** Signs this tab out. Called in every tab. */
  leave(): void;
}

export interface SignOut {
  /** Asks, and signs all tabs out. Resolves with whether it did. */
  request(): Promise<boolean>;
  dispose(): void;
}

type Notice = { ask: string } | { answer: string; unsent: number } | { leave: true };

/**
 * Signs a user out in all tabs, and asks before words that were not sent are lost in any of them.
 *
 * @example
 * const signOut = prepareSignOut({
 *   name: userId,
 *   countUnsent: () => client.getSnapshot().messages.filter(({ seq }) => seq === undefined).length,
 *   confirm: (unsent) => confirm(`Throw ${unsent} unsent messages away?`),
 *   leave: () => location.assign("/sign-in"),
 * });
 * button.onclick = () => signOut.request();
 */
export function prepareSignOut({ name, countUnsent, confirm, leave }: SignOutOptions): SignOut {
  const channel = new BroadcastChannel(`workkit.chat.sign-out/${name}`);
  const tell = (notice: Notice): void => channel.postMessage(notice);
  let answers = new Map<string, (unsent: number) => void>();
  channel.onmessage = ({ data }: MessageEvent<Notice>) => {
    if ("ask" in data) tell({ answer: data.ask, unsent: countUnsent() });
    else if ("answer" in data) answers.get(data.answer)?.(data.unsent);
    else leave();
  };
  const request = async (): Promise<boolean> => {
    const id = crypto.randomUUID();
    let unsent = countUnsent();
    answers = new Map([[id, (more) => (unsent += more)]]);
    tell({ ask: id });
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    if (unsent > 0 && !(await confirm(unsent))) return false;
    tell({ leave: true });
    leave();
    return true;
  };
  return { request, dispose: () => channel.close() };
}
