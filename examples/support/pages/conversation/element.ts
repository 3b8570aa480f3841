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
export function drawnButton(label: string, name: string, path: string): HTMLButtonElement {
  const made = element("button", { type: "button", class: name, "aria-label": label });
  made.append(drawing(path));
  return made;
}

/** Makes a stylesheet of texts. With no style in the markup, the strictest content security policy lets it pass. */
export function sheetOf(...texts: string[]): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(texts.join("\n"));
  return sheet;
}

const SVG = "http://www.w3.org/2000/svg";

function drawing(path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
