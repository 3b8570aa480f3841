import { ChatError } from "../protocol/errors.js";
import { CHAT_TAG } from "./attachments.js";

/** The platform's bounds on tags, less the one that is ours. */
const MAX_TAGS = 9;
const MAX_TAG_LENGTH = 256;

/** The tags that the application has given a connection. @throws ChatError `INVALID_OPTION` */
export function checkTags(tags: readonly unknown[]): readonly string[] {
  const valid = Array.isArray(tags) && tags.length <= MAX_TAGS && tags.every(isTag);
  if (valid) return tags;
  throw new ChatError("INVALID_OPTION", `tags may return ${MAX_TAGS} tags of 1 to ${MAX_TAG_LENGTH} characters.`);
}

function isTag(tag: unknown): boolean {
  return typeof tag === "string" && tag !== "" && tag.length <= MAX_TAG_LENGTH && tag !== CHAT_TAG;
}
