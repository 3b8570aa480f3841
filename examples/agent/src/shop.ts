import { DurableObject } from "cloudflare:workers";

const ORDERS: Record<string, { items: string; total: string; status: string }> = {
  "1041": { items: "two coffee cups", total: "24.00 €", status: "delivered on Monday" },
  "1042": { items: "a teapot", total: "38.50 €", status: "on its way" },
  "1043": { items: "a sugar bowl", total: "12.90 €", status: "being packed" },
};

/** The shop that the agent's tools speak to: a service outside of the conversation, which remembers what it has paid back. */
export class Shop extends DurableObject {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS refunds (id INTEGER PRIMARY KEY, number TEXT NOT NULL)");
  }

  /** An order, and how often it was paid back. */
  lookUp(number: string) {
    const { refunds } = this.ctx.storage.sql
      .exec<{ refunds: number }>("SELECT COUNT(*) AS refunds FROM refunds WHERE number = ?", number)
      .one();
    return { number, ...ORDERS[number], refunds };
  }

  /** Pays an order back, each time that it is called. */
  async refund(number: string) {
    // A payment takes its time.
    await scheduler.wait(1_000);
    this.ctx.storage.sql.exec("INSERT INTO refunds (number) VALUES (?)", number);
    return this.lookUp(number);
  }
}
