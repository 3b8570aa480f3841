/**
 * Keeps a box as high as its text, within the limits of its style, until `signal` is aborted.
 *
 * @returns a function that fits the height to the text
 */
export function growWithText(box: HTMLTextAreaElement, signal: AbortSignal): () => void {
  let width: number | undefined;
  const fitHeight = (): void => {
    const { style, offsetHeight, clientHeight } = box;
    // What the box gives up while it is measured is kept free below it, so that nothing on the page moves.
    style.marginBottom = `${offsetHeight}px`;
    style.boxSizing = "border-box";
    style.height = "0";
    const { scrollHeight } = box;
    // A box that is not shown has no height to measure: it is fitted when it is shown.
    style.height = scrollHeight ? `${scrollHeight + offsetHeight - clientHeight}px` : "";
    style.marginBottom = "";
  };
  const observer = new ResizeObserver(() => {
    if (width !== box.offsetWidth) fitHeight();
    width = box.offsetWidth;
  });
  observer.observe(box);
  signal.addEventListener("abort", () => observer.disconnect());
  return fitHeight;
}
