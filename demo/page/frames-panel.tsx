import { type InspectedFrame, useFrames } from "@workkit/chat/react";
import { memo, type ReactElement, useDeferredValue, useLayoutEffect, useRef, useState } from "react";
import { type FrameLine, isHeartbeat, toLines } from "./frame-lines.js";
import { Icon } from "./icons.js";
import { WireFacts } from "./wire-facts.js";

/** Pixels from the end within which the newest frame is followed. */
const NEAR_END = 40;

const number = new Intl.NumberFormat("en");

/** The panel that shows what goes over the wire, newest last, each frame to be opened by pointer or keyboard. */
export function FramesPanel({ open, close }: { open: boolean; close(): void }): ReactElement {
  const { frames: newest, clear } = useFrames();
  const frames = useDeferredValue(newest);
  const [withoutHeartbeats, setWithoutHeartbeats] = useState(true);
  const shown = withoutHeartbeats ? frames.filter((frame) => !isHeartbeat(frame)).length : frames.length;
  return (
    <aside className="frames" id="frames" aria-label="Frames" data-empty={shown === 0} hidden={!open}>
      <div className="frames-bar">
        <h2>Frames</h2>
        <p id="frame-count">{shown}</p>
        <button type="button" className="plain" id="frames-clear" onClick={clear}>
          Clear
        </button>
        <button type="button" className="plain" id="frames-close" title="Close" onClick={close}>
          <Icon name="close" />
          <span className="hidden-text">Close</span>
        </button>
      </div>
      <WireFacts />
      <label className="choice">
        <input
          type="checkbox"
          id="frame-heartbeats"
          checked={withoutHeartbeats}
          onChange={({ currentTarget }) => setWithoutHeartbeats(currentTarget.checked)}
        />{" "}
        Hide heartbeats
      </label>
      <FrameList frames={frames} open={open} withoutHeartbeats={withoutHeartbeats} />
    </aside>
  );
}

interface FrameListProps {
  frames: readonly InspectedFrame[];
  open: boolean;
  withoutHeartbeats: boolean;
}

const FrameList = memo(function FrameList({ frames, open, withoutHeartbeats }: FrameListProps): ReactElement {
  const scroll = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new frame, and the opening, may move the end
  useLayoutEffect(() => {
    if (scroll.current !== null && isAtEnd.current) scroll.current.scrollTop = scroll.current.scrollHeight;
  }, [frames, open]);
  return (
    <section
      className="frame-scroll"
      id="frame-scroll"
      ref={scroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="List of frames"
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
      }}
    >
      <p className="no-frames">Nothing has passed over the wire yet.</p>
      <ol id="frame-list" className={`frame-list${withoutHeartbeats ? " without-heartbeats" : ""}`}>
        {toLines(frames).map((line) => (
          <FrameView key={line[0].id} newest={line.at(-1) ?? line[0]} line={line} />
        ))}
      </ol>
    </section>
  );
});

interface FrameViewProps {
  line: FrameLine;
  /** The last frame of the line: with it the line has changed. */
  newest: InspectedFrame;
}

const FrameView = memo(
  function FrameView({ line }: FrameViewProps): ReactElement {
    const [first] = line;
    const { direction, time, decoded = {} } = first;
    const type = String(decoded["type"] ?? "?");
    const bytes = line.reduce((sum, frame) => sum + frame.bytes, 0);
    return (
      <li className={`frame ${direction}${isHeartbeat(first) ? " heartbeat" : ""}`} data-type={type}>
        <details>
          <summary>
            <span className="arrow" aria-hidden="true">
              {direction === "out" ? "\u2191" : "\u2193"}
            </span>
            <span className="hidden-text">{direction === "out" ? "sent" : "received"}</span>
            <span className="frame-type">
              {type}
              {line.length > 1 && ` × ${number.format(line.length)}`}
            </span>
            <span className="frame-summary">{line.map(({ decoded = {} }) => summaryOf(decoded)).join("")}</span>
            <span className="frame-bytes">{number.format(bytes)} B</span>
            <time>{clockOf(new Date(time))}</time>
          </summary>
          {/* biome-ignore lint/a11y: long JSON scrolls, and has a name where it is read alone */}
          <pre tabIndex={0} role="group" aria-label={`${type} as JSON`}>
            {line.length > 1 ? line.map(({ text }) => text).join("\n") : toJson(first)}
          </pre>
        </details>
      </li>
    );
  },
  (before, now) => before.newest === now.newest && before.line.length === now.line.length,
);

function toJson({ text, error, decoded }: InspectedFrame): string {
  return error === undefined ? JSON.stringify(decoded, null, 2) : text;
}

function summaryOf({ seq, content, text, resume }: Readonly<Record<string, unknown>>): string {
  const place = seq === undefined ? "" : `#${seq} `;
  return `${place}${String(content || (text ?? resume ?? ""))}`;
}

function clockOf(date: Date): string {
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
