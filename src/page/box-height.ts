/** A box that is as high as its text. */
export interface GrowingBox {
  /** Fits the height to the text. */
  fitHeight(): void;
  dispose(): void;
}

/** Keeps a box as high as its text, within the limits of its style. */
export function growWithText(box: HTMLTextAreaElement): GrowingBox {
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
  return { fitHeight, dispose: () => observer.disconnect() };
}
