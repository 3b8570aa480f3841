import { iconButton } from "./element.js";

const PRINTER = "M7 8V4h10v4M7 17H5a2 2 0 0 1-2-2v-4a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2h-2M7 14h10v6H7z";

/** Prints the whole conversation, or keeps it as a file. */
export function printButton(print: () => void): HTMLButtonElement {
  const made = iconButton("Print the conversation", "quiet-icon", PRINTER);
  made.onclick = print;
  return made;
}
