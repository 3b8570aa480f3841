import type { MessageItem } from "./list.js";

export interface TranscriptOptions {
  /** The name that stands before a message. */
  nameOf(item: MessageItem): string;
  /** The time that stands before a message. */
  timeOf(timestamp: number): string;
  /** Only messages with these keys. Default: all. */
  keys?: ReadonlySet<string>;
  /** A line to stand before the first message of the list, for a list without its beginning. Default: there is none. */
  beginning?: string | undefined;
}

/**
 * Messages as plain text: `[<time>] <name>: <text>` for each.
 *
 * @example
 * transcriptOf(items, { nameOf: ({ name = "Someone" }) => name, timeOf: fullTimeOf });
 */
export function transcriptOf(items: readonly { kind: string }[], options: TranscriptOptions): string {
  const { nameOf, timeOf, keys, beginning } = options;
  const messages = items.filter((item): item is MessageItem => item.kind === "message");
  const lines = messages
    .filter(({ key }) => keys?.has(key) ?? true)
    .map((item) => `[${timeOf(item.message.timestamp)}] ${nameOf(item)}: ${item.message.content}`);
  const [first] = messages;
  const isFromFirst = first !== undefined && (keys?.has(first.key) ?? true);
  return [...(isFromFirst && beginning ? [beginning] : []), ...lines].join("\n");
}

/**
 * Copies whole messages: a selection over several lines of the list is copied as what `transcribe` makes of them, and not with all that
 * stands beside them on the page. A selection within one line is copied as it is.
 *
 * @param list contains the lines. Each has the attribute `data-key`, with the key of its message
 * @param transcribe returns the text for the lines with these keys
 * @returns a function that ends this
 */
export function copyAsTranscript(list: HTMLElement, transcribe: (keys: Set<string>) => string): () => void {
  const onCopy = (event: ClipboardEvent): void => {
    const selection = getSelection();
    if (!selection || !event.clipboardData) return;
    const isSelected = selectedBy(selection, list.getRootNode());
    const selected = [...list.querySelectorAll<HTMLElement>("[data-key]")].filter(isSelected);
    if (selected.length < 2) return;
    event.clipboardData.setData("text/plain", transcribe(new Set(selected.map((line) => line.dataset["key"] ?? ""))));
    event.preventDefault();
  };
  document.addEventListener("copy", onCopy);
  return () => document.removeEventListener("copy", onCopy);
}

/** Tells which nodes of a tree are selected, in part at least. */
function selectedBy(selection: Selection, tree: Node): (node: Node) => boolean {
  // A selection does not reach into a shadow root by itself.
  const shadowRoots = tree instanceof ShadowRoot ? [tree] : [];
  const [found] = shadowRoots[0] ? (selection.getComposedRanges?.({ shadowRoots }) ?? []) : [];
  if (!found) return (node) => selection.containsNode(node, true);
  const range = new Range();
  range.setStart(found.startContainer, found.startOffset);
  range.setEnd(found.endContainer, found.endOffset);
  return (node) => range.intersectsNode(node);
}
