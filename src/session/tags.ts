import { check, checkText, checkValue } from "../protocol/options.js";
import { CHAT_TAG } from "./attachments.js";

/** The platform's bounds on tags, less the one that is ours. */
const MAX_TAGS = 9;
const MAX_TAG_LENGTH = 256;

/** The tags that the application has given a connection. @throws ChatError `INVALID_OPTION` */
export function checkTags(tags: unknown): readonly string[] {
  checkValue(
    "The result of tags",
    Array.isArray(tags) && tags.length <= MAX_TAGS,
    `a list of at most ${MAX_TAGS}`,
    tags,
  );
  return [tags].flat().map((tag: unknown) => {
    checkText("A tag", tag, MAX_TAG_LENGTH);
    check("A tag", tag !== CHAT_TAG, `must not be ${CHAT_TAG}`);
    return tag;
  });
}
