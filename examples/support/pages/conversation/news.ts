import { type ChatClient, readAuthor } from "@workkit/chat/client";

/** Calls `tell` with what others say from now on: not with the past, and not with what one's own other windows say. */
export function onNews(client: ChatClient, tell: (name: string, text: string) => void): void {
  client.on("message", (message) => {
    const { status, identity } = client.getSnapshot();
    const author = readAuthor(message);
    if (status === "live" && author?.id !== identity?.id) tell(author?.name ?? "Support bot", message.content);
  });
}
