/** A part of a page: a CSS selector, or what a person would name it by. All that is given has to fit. */
export type Target = string | TargetQuery;

export interface TargetQuery {
  /** A CSS selector. Shadow roots that are open are searched, too. */
  css?: string;
  /** A role of ARIA, its own or that of its element. */
  role?: string;
  /** Its accessible name: the whole of it, or an expression that matches. */
  name?: string | RegExp;
  /** Its text: the whole of it, or an expression that matches. */
  text?: string | RegExp;
}

/** A query as JSON, for the page. */
export interface PlainQuery {
  css: string;
  role?: string;
  name?: TextPattern;
  text?: TextPattern;
}

type TextPattern = { whole: string } | { source: string; flags: string };

/** What to tell the page, so that it finds a target. */
export function toQuery(target: Target): PlainQuery {
  const { css = "*", role, name, text } = typeof target === "string" ? { css: target } : target;
  return {
    css,
    ...(role !== undefined && { role }),
    ...(name !== undefined && { name: toPattern(name) }),
    ...(text !== undefined && { text: toPattern(text) }),
  };
}

function toPattern(text: string | RegExp): TextPattern {
  return typeof text === "string" ? { whole: text } : { source: text.source, flags: text.flags };
}

/** All that a query finds, in the order of the document. Runs in the page, so it uses nothing from outside of it. */
export function locate(query: PlainQuery): HTMLElement[] {
  const ROLES: [selector: string, role: string][] = [
    ["button, input:is([type=button], [type=submit], [type=reset])", "button"],
    ["a[href]", "link"],
    ["input[type=checkbox]", "checkbox"],
    ["input[type=radio]", "radio"],
    ["select", "combobox"],
    ["textarea, input:not([type]), input:is([type=text], [type=email], [type=tel], [type=url])", "textbox"],
    ["h1, h2, h3, h4, h5, h6", "heading"],
    ["ul, ol", "list"],
    ["li", "listitem"],
    ["dialog", "dialog"],
    ["img", "img"],
    ["nav", "navigation"],
    ["main", "main"],
    ["form", "form"],
    ["output", "status"],
  ];
  const everything = (root: ParentNode): HTMLElement[] =>
    [...root.querySelectorAll<HTMLElement>("*")].flatMap((part) =>
      part.shadowRoot ? [part, ...everything(part.shadowRoot)] : [part],
    );
  const plain = (text: string | null): string => (text ?? "").replaceAll(/\s+/g, " ").trim();
  const roleOf = (part: Element) =>
    part.getAttribute("role") ?? ROLES.find(([selector]) => part.matches(selector))?.[1];
  const nameOf = (part: HTMLElement): string => {
    const root = part.getRootNode() as Document | ShadowRoot;
    const ids = part.getAttribute("aria-labelledby")?.split(/\s+/) ?? [];
    const labelledBy = ids.map((id) => plain(root.getElementById(id)?.textContent ?? null)).join(" ");
    const labels = "labels" in part && part.labels instanceof NodeList ? [...part.labels] : [];
    const label = labels.map((element) => plain(element.textContent)).join(" ");
    const attribute = (name: string) => plain(part.getAttribute(name));
    const content = part.matches("input, textarea, select") ? attribute("value") : plain(part.textContent);
    return (
      [labelledBy, attribute("aria-label"), label, attribute("alt"), content, attribute("title")]
        .concat(attribute("placeholder"))
        .filter((name) => name !== "")[0] ?? ""
    );
  };
  const fits = (pattern: PlainQuery["name"], text: () => string): boolean => {
    if (pattern === undefined) return true;
    return "whole" in pattern ? pattern.whole === text() : new RegExp(pattern.source, pattern.flags).test(text());
  };
  const found = everything(document).filter(
    (part) =>
      part.matches(query.css) &&
      (query.role === undefined || roleOf(part) === query.role) &&
      fits(query.name, () => nameOf(part)) &&
      fits(query.text, () => plain(part.textContent)),
  );
  // A text is also that of all around it.
  return query.css === "*"
    ? found.filter((part) => !found.some((other) => other !== part && part.contains(other)))
    : found;
}
