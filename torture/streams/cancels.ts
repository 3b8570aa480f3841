import type { CancelWay } from "../faults.js";
import type { Host } from "../host.js";
import type { Player } from "../player.js";
import type { PlannedClient, PlannedRoom } from "../rooms.js";
import type { Cancel } from "./records.js";

/** A client that may cancel, and what it is in the plan. */
interface Seat {
  plan: PlannedClient;
  player: Player;
}

/** Cancels turns in every way that there is, and writes down what was answered. */
export class Cancels {
  readonly #host: Host;
  readonly #players: ReadonlyMap<string, Player>;
  readonly #rooms: readonly PlannedRoom[];
  /** What was answered, by room. */
  readonly byRoom = new Map<string, Cancel[]>();

  constructor(host: Host, players: ReadonlyMap<string, Player>, rooms: readonly PlannedRoom[]) {
    this.#host = host;
    this.#players = players;
    this.#rooms = rooms;
  }

  /** Cancels a turn of a client that is not over, if there is one. */
  strike(client: string, how: CancelWay): void {
    const room = this.#rooms.find(({ clients }) => clients.some(({ name }) => name === client));
    const seats = (room?.clients ?? []).flatMap((plan) => {
      const player = this.#players.get(plan.name);
      return player?.streams && plan.dialect === "v1" ? [{ plan, player }] : [];
    });
    const author = seats.find(({ plan }) => plan.name === client);
    const waiting = [...(author?.player.streams?.waiting ?? [])];
    const of = how === "queued" ? waiting.at(-1) : waiting[0];
    if (room === undefined || author === undefined || of === undefined) return;
    const others = seats.filter((seat) => seat !== author);
    const device = others.find(({ plan }) => plan.user === author.plan.user) ?? author;
    const stranger = others.find(({ plan }) => plan.user !== author.plan.user) ?? author;
    const id = how === "reply" ? (author.player.streams?.replyTo(of) ?? of) : of;
    if (how === "after reload") author.player.reload();
    if (how === "rpc" || how === "twice") this.#record(room, author, of, undefined, this.#host.cancel(room.path, id));
    if (how === "rpc") return;
    const by = how === "other device" ? device : how === "stranger" ? stranger : author;
    this.#record(room, author, of, by.plan.user, by.player.cancel(id));
  }

  #record(room: PlannedRoom, author: Seat, of: string, by: string | undefined, asked: Promise<Cancel["result"]>): void {
    void asked.then((result) => {
      const known = this.byRoom.get(room.path) ?? [];
      this.byRoom.set(room.path, known);
      known.push({ of, ...(by !== undefined && { by }), result, at: Date.now() });
      if (result !== "unknown" && result !== "forbidden") author.player.streams?.waiting.delete(of);
      author.player.pump();
    });
  }
}
