/** Removes combining marks beyond a few on one character, so that a stack of them does not cover other lines. */
export function clipMarks(text: string, most = 5): string {
  return text.replace(new RegExp(`([\\p{Mn}\\p{Me}]{${most}})[\\p{Mn}\\p{Me}]+`, "gu"), "$1");
}
