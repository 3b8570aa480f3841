import type { Citation, ProviderMetadata } from "../adapters/model-chunk.js";
import type { UIPart, UIToolPart } from "./ui-message.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The parts of a reply: those that were stored, or its text. Text may be a range of the envelope's `content`. What is no part is left out.
 */
export function readParts(content: string, stored: unknown): UIPart[] {
  if (!Array.isArray(stored)) return content === "" ? [] : [{ type: "text", text: content }];
  const parts: UIPart[] = [];
  // What was stored without private parts has no steps.
  const hasSteps = stored.some((part) => Object(part).type === "step-start");
  let hasResults = false;
  for (const one of stored) {
    const part = readPart(Object(one), content);
    if (part === undefined) continue;
    // What the model says after its calls it says with their results: that is another step.
    if (hasResults && !hasSteps && (part.type === "text" || part.type === "reasoning"))
      parts.push({ type: "step-start" });
    if (part.type === "dynamic-tool") hasResults ||= !part.providerExecuted;
    else if (part.type === "text" || part.type === "reasoning" || part.type === "step-start") hasResults = false;
    parts.push(part);
  }
  return parts;
}

function readPart(part: Fields, content: string): UIPart | undefined {
  const { type, text, start, end, url, mediaType, sourceId, title, data, id, kind } = part;
  if (type === "text" || type === "reasoning") {
    const said = typeof text === "string" ? text : content.slice(Number(start), Number(end));
    const metadata = metadataOf("providerMetadata", part);
    if (type === "reasoning") return { type, text: said, ...metadata };
    const { citations } = part;
    return { type, text: said, ...(Array.isArray(citations) && { citations: citations as Citation[] }), ...metadata };
  }
  if (type === "custom" && isKind(kind)) return { type, kind, ...metadataOf("providerMetadata", part) };
  if (type === "dynamic-tool") return readToolPart(part);
  if (type === "step-start") return { type };
  if (type === "source-url" && typeof url === "string" && typeof sourceId === "string") {
    return { type, sourceId, url, ...(typeof title === "string" && { title }) };
  }
  if (type === "file" && typeof url === "string" && typeof mediaType === "string") return { type, url, mediaType };
  if (typeof type !== "string" || !isDataType(type)) return undefined;
  return { type, data, ...(typeof id === "string" && { id }) };
}

/** A call whose input is not complete is none: nobody can answer it. */
function readToolPart(part: Fields): UIToolPart | undefined {
  const { toolCallId, toolName, title, providerExecuted, state, input, output, errorText, approvalId } = part;
  if (typeof toolCallId !== "string" || typeof toolName !== "string") return undefined;
  const call = {
    type: "dynamic-tool" as const,
    toolCallId,
    toolName,
    ...(typeof title === "string" && { title }),
    ...(providerExecuted === true && { providerExecuted }),
    ...metadataOf("callProviderMetadata", part),
    ...metadataOf("resultProviderMetadata", part),
  };
  const approval = { id: typeof approvalId === "string" ? approvalId : toolCallId };
  switch (state) {
    case "input-available":
      return { ...call, state, input };
    case "approval-requested":
      return { ...call, state, input, approval };
    case "output-available":
      return { ...call, state, input, output };
    case "output-error":
      return { ...call, state, input, errorText: String(errorText) };
    case "output-denied":
      return { ...call, state, input, approval: { ...approval, approved: false } };
    default:
      return undefined;
  }
}

function metadataOf<Name extends string>(name: Name, part: Fields): { [Key in Name]?: ProviderMetadata } {
  const value = part[name];
  return typeof value === "object" && value !== null ? ({ [name]: value } as { [Key in Name]: ProviderMetadata }) : {};
}

function isKind(kind: unknown): kind is `${string}.${string}` {
  return typeof kind === "string" && kind.includes(".");
}

function isDataType(type: string): type is `data-${string}` {
  return type.startsWith("data-");
}
