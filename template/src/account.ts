import { DurableObject } from "cloudflare:workers";

interface Password {
  salt: Uint8Array<ArrayBuffer>;
  hash: ArrayBuffer;
}

/** The account of one name. */
export class Account extends DurableObject<Env> {
  /** Whether this is the password of the account. The first password that is given creates the account. */
  signIn(password: string): Promise<boolean> {
    // One attempt at a time: two first ones must not both create it, and guessing is slow.
    return this.ctx.blockConcurrencyWhile(async () => {
      const saved = await this.ctx.storage.get<Password>("password");
      const salt = saved?.salt ?? crypto.getRandomValues(new Uint8Array(16));
      const hash = await hashPassword(password, salt);
      if (saved !== undefined) return crypto.subtle.timingSafeEqual(hash, saved.hash);
      await this.ctx.storage.put<Password>("password", { salt, hash });
      return true;
    });
  }
}

async function hashPassword(password: string, salt: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, ["deriveBits"]);
  return crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: 100_000 }, key, 256);
}
