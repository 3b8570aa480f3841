/** Where the worker of a system finds its objects. */
export interface RoomEnv {
  Room: DurableObjectNamespace;
}

/** Hands a request to the object of its room: the worker of all systems that have objects. */
export function toRoom(request: Request, rooms: DurableObjectNamespace): Promise<Response> {
  const room = new URL(request.url).searchParams.get("room") ?? "room";
  return rooms.get(rooms.idFromName(room)).fetch(request);
}
