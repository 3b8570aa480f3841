import { find } from "./find.js";
import { openRoom } from "./room.js";

const USER = "user";
const form = find<HTMLFormElement>("#sign-in");

const saved = localStorage.getItem(USER);
form.hidden = saved !== null;
find("#room").hidden = saved === null;
if (saved !== null) openRoom("lobby", JSON.parse(saved), signOut);

form.onsubmit = async (event) => {
  event.preventDefault();
  const response = await fetch("/sign-in", { method: "POST", body: new FormData(form) }).catch(() => undefined);
  const text = (await response?.text()) ?? "The server cannot be reached.";
  if (response?.ok) {
    localStorage.setItem(USER, text);
    location.reload();
  } else {
    find("#notice").textContent = text;
  }
};

find("#sign-out").onclick = signOut;

function signOut(): void {
  localStorage.removeItem(USER);
  location.reload();
}
