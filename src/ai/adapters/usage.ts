import type { ReplyUsage } from "../../protocol/chunk.js";

/** Tokens as providers count them. What is no number is left out, and a total that is missing is the sum. */
export function toUsage(counted: { [Key in keyof ReplyUsage]?: unknown }): ReplyUsage {
  const usage: ReplyUsage = Object.fromEntries(
    Object.entries(counted).filter(([, count]) => typeof count === "number"),
  );
  const { inputTokens, outputTokens } = usage;
  if (inputTokens !== undefined && outputTokens !== undefined) usage.totalTokens ??= inputTokens + outputTokens;
  return usage;
}

/** The sum of what is known of both. */
export function addUsage(one: ReplyUsage | undefined, other: ReplyUsage | undefined): ReplyUsage | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const sum = { ...toUsage(one) };
  for (const [key, count] of Object.entries(toUsage(other))) {
    const name = key as keyof ReplyUsage;
    sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}
