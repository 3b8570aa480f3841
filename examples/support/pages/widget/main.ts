import { TAG, Widget } from "./widget.js";

/*
 * The whole widget, as a page gets it: <script src="https://support.example.com/widget.js" data-room="help" async></script>
 */

const script = document.currentScript;
const { room = "", title = "Support", theme } = script instanceof HTMLScriptElement ? script.dataset : {};

if (!(script instanceof HTMLScriptElement)) {
  console.error("The support widget is a plain script: load it by a script tag of its own, without type=module.");
} else if (!/^[a-z0-9-]{1,48}$/.test(room)) {
  console.error(`data-room is "${room}"; it must be 1 to 48 lower-case letters, digits or dashes.`);
} else if (document.querySelector(TAG) === null) {
  // A page that loads the script twice has one widget all the same: the first.
  new Widget({ origin: new URL(script.src).origin, room, title }, theme);
}
