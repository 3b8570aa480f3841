/** Whether a text shows nothing: it has only white space, control characters and characters that every font leaves blank. */
export function isBlank(text: string): boolean {
  return /^[\s\p{Cc}\p{DI}\u2800\uFFF9-\uFFFB]*$/u.test(text);
}
