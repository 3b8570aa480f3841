import type { InspectedFrame } from "@workkit/chat/react";

/** A line of the panel: a frame, or all that a reply has grown by meanwhile. There is one frame at least. */
export type FrameLine = readonly [InspectedFrame, ...InspectedFrame[]];

/** The frames as lines: each one its own, but the `delta`s of one reply, which come twenty times a second, share a line until another frame comes. */
export function toLines(frames: readonly InspectedFrame[]): FrameLine[] {
  const lines: [InspectedFrame, ...InspectedFrame[]][] = [];
  let growing: InspectedFrame[] | undefined;
  for (const frame of frames) {
    if (growing !== undefined && isDelta(frame) && frame.decoded?.["id"] === growing[0]?.decoded?.["id"]) {
      growing.push(frame);
      continue;
    }
    const line: [InspectedFrame] = [frame];
    lines.push(line);
    // A heartbeat, which may be hidden, does not come between.
    if (!isHeartbeat(frame)) growing = isDelta(frame) ? line : undefined;
  }
  return lines;
}

export function isHeartbeat({ decoded }: InspectedFrame): boolean {
  return decoded?.["type"] === "ping" || decoded?.["type"] === "pong";
}

function isDelta({ decoded }: InspectedFrame): boolean {
  return decoded?.["type"] === "delta";
}
