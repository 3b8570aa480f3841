import { toRoom } from "./room.js";
import { Session, type SessionEnv } from "./session.js";

export class Room extends Session {}

export default { fetch: (request: Request, env: SessionEnv) => toRoom(request, env.Room) };
