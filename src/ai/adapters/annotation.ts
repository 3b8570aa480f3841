import type { ReplyWriter } from "./reply-writer.js";

/** What OpenAI's models cite in a text: a page, or a file. */
export interface Annotation {
  readonly type?: string | undefined;
  readonly url?: string | undefined;
  readonly title?: string | undefined;
  readonly filename?: string | undefined;
  readonly start_index?: number | undefined;
  readonly end_index?: number | undefined;
}

/** Adds an annotation to the open part. One that names neither a page nor a file is left out. */
export function cite(annotation: Annotation | null | undefined, reply: ReplyWriter): void {
  if (!annotation?.url && !annotation?.filename) return;
  const { url, title, filename, start_index: startIndex, end_index: endIndex } = annotation;
  const providerMetadata = { openai: { ...annotation } };
  reply.cite({ url, title: title ?? filename, startIndex, endIndex, providerMetadata });
}
