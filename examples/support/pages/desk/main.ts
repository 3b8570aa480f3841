import baseCss from "../conversation/base.css";
import conversationCss from "../conversation/conversation.css";
import { sheetOf } from "../conversation/element.js";
import deskCss from "./desk.css";
import { Desk } from "./desk.js";
import { entrance } from "./entrance.js";

/* The desk's page: who comes in with the desk's key reads the room's inbox and answers in its conversations. */

document.adoptedStyleSheets = [sheetOf(baseCss, conversationCss, deskCss)];
document.body.append(entrance((pass) => document.body.replaceChildren(new Desk(pass).element)));
