import { ChatError } from "../../protocol/errors.js";
import { MAX_METADATA_DEPTH } from "../../protocol/limits.js";

/** Whether a value has objects and arrays inside each other beyond `depth`. It looks no deeper, so no nesting can exhaust the stack. */
export function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  return Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

/** @throws ChatError `INVALID_OPTION` for a value of the application's that is nested too deep, or contains itself. */
export function checkDepth(name: string, value: unknown): void {
  if (!isDeeper(value, MAX_METADATA_DEPTH)) return;
  throw new ChatError("INVALID_OPTION", `${name} may be nested ${MAX_METADATA_DEPTH} deep.`);
}
