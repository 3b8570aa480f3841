/** A new element with attributes and children. Text goes in as text nodes, never as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string> = {},
  ...children: (Node | string | undefined)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A button that says what it does. */
export function button(label: string, name: string, press: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: name }, label);
  made.onclick = press;
  return made;
}

/** A button with a drawing, and a label for those who do not see it. */
export function iconButton(label: string, name: string, path: string): HTMLButtonElement {
  return element("button", { type: "button", class: name, "aria-label": label, title: label }, icon(path));
}

/** A line drawing of 24 by 24. */
export function icon(path: string): SVGElement {
  const [svg, line] = (["svg", "path"] as const).map((tag) =>
    document.createElementNS("http://www.w3.org/2000/svg", tag),
  );
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** Gives a parent exactly these children. Those that stay are not touched, and with them focus and selection. */
export function arrange(parent: Element, children: readonly Element[]): void {
  const kept = new Set(children);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  for (const [at, child] of children.entries()) {
    const there = parent.children[at];
    if (there !== child) parent.insertBefore(child, there ?? null);
  }
}

/** Makes a stylesheet of texts. With no style in the markup, the strictest content security policy lets it pass. */
export function sheetOf(...texts: string[]): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(texts.join("\n"));
  return sheet;
}
