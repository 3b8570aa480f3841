import type { Prompt } from "../prompt.js";

/** The stand-in for a model, the same for all systems: it generates text by timers, without a network. */
export async function* generate(prompt: string): AsyncGenerator<string, void> {
  const { firstMs, gapMs, pieces, size, heldSeconds = 0 }: Prompt = JSON.parse(prompt);
  const piece = "word ".repeat(Math.ceil(size / 5)).slice(0, size);
  for (let made = 0; made < pieces; made++) {
    await scheduler.wait(made === 0 ? firstMs : gapMs);
    yield piece;
  }
  for (let held = 0; held < heldSeconds; held++) {
    await scheduler.wait(1_000);
    yield ".";
  }
}
