import { useChatClient, useConnection } from "@workkit/chat/react";
import { type ReactElement, useEffect, useRef } from "react";
import { stateOf } from "./connection-state.js";

/** Pulses on the wire at one time; a flood shows as many as that. */
const MOST_PULSES = 24;
/** No motion for users who ask for less. */
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

/** The wire under the header, on which frames are seen to pass: outward to the right, inward to the left. */
export function Wire(): ReactElement {
  const client = useChatClient();
  const wire = useRef<HTMLDivElement>(null);
  // Pulses come and go by themselves: nothing has to be rendered for one.
  useEffect(
    () =>
      client.on("frame", ({ direction }) => {
        if (wire.current === null || document.hidden || STILL.matches) return;
        if (wire.current.childElementCount >= MOST_PULSES) return;
        const pulse = document.createElement("i");
        pulse.className = direction;
        pulse.onanimationend = () => pulse.remove();
        wire.current.append(pulse);
      }),
    [client],
  );
  return <div className="wire" id="wire" ref={wire} data-state={stateOf(useConnection())} aria-hidden="true" />;
}
