import { element } from "../conversation/element.js";

/** What opens the desk. */
export interface Pass {
  room: string;
  name: string;
  key: string;
}

/** The form at the door. The key is asked for each time: it is not left in the browser. */
export function entrance(enter: (pass: Pass) => void): HTMLElement {
  const room = element("input", { name: "room", value: "help", pattern: "[a-z0-9\\-]{1,48}", required: "" });
  const name = element("input", { name: "name", maxlength: "40", autocomplete: "given-name", required: "" });
  const key = element("input", { name: "key", type: "password", autocomplete: "off", required: "" });
  const form = element(
    "form",
    { class: "entrance" },
    element("h1", {}, "Desk"),
    element("p", {}, "Answer the visitors of a room."),
    element("label", {}, "Room", room),
    element("label", {}, "Your name, as visitors see it", name),
    element("label", {}, "The desk's key", key),
    element("button", { class: "enter" }, "Enter"),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    enter({ room: room.value, name: name.value.trim(), key: key.value });
  };
  return element("main", { class: "door" }, form);
}
