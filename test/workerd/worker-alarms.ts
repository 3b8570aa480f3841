import { ChatSessionDO, scheduleAlarm } from "../../src/index.js";

interface Env {
  CHAT_DO: DurableObjectNamespace<AlarmedSession>;
}

/** A session whose alarms are set by requests and write down that they ran; `crash` ends the object each time, `crash-once` the first. */
export class AlarmedSession extends ChatSessionDO<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env, {
      onMessage: async () => undefined,
      onAlarm: async (name) => {
        state.storage.sql.exec("INSERT INTO runs VALUES (?)", name);
        const times = state.storage.sql.exec("SELECT 1 FROM runs WHERE name = ?", name).toArray().length;
        await state.storage.sync();
        if (name === "crash" || (name === "crash-once" && times === 1)) state.abort("crashed by an alarm");
      },
    });
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS runs (name TEXT)");
  }

  override async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    for (const [name, delay] of searchParams) await scheduleAlarm(this, name, Date.now() + Number(delay));
    return Response.json(this.ctx.storage.sql.exec("SELECT name FROM runs ORDER BY rowid").toArray());
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return env.CHAT_DO.get(env.CHAT_DO.idFromName("room")).fetch(request);
  },
};
