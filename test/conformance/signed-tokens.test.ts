import { describe, expect, it } from "vitest";
import { signToken, type TokenClaims, verifyToken } from "../../src/tokens.js";
import { base64url } from "../fixtures/base64url.js";

const SECRET = "a secret of thirty-two characters";
const HEADER = { alg: "HS256", typ: "JWT" };
const now = Math.floor(Date.now() / 1_000);
const claims: TokenClaims = {
  sub: "user-7",
  name: "Grüße 😀",
  exp: now + 3_600,
  room: "a/b",
  deep: { list: [1, null] },
};

describe("a signed token", () => {
  it("is verified with its secret, and has the claims that were signed", async () => {
    expect(await verifyToken(await signToken(claims, SECRET), SECRET)).toEqual(claims);
  });

  it("has claims of any length", async () => {
    const long = { ...claims, text: "€".repeat(100_000) };
    expect(await verifyToken(await signToken(long, SECRET), SECRET)).toEqual(long);
  });

  it("is nothing with another secret", async () => {
    expect(await verifyToken(await signToken(claims, SECRET), `${SECRET}.`)).toBeUndefined();
  });

  it("is nothing after any one of its characters was changed", async () => {
    const token = await signToken(claims, SECRET);
    // The last character of each part may carry bits that base64url ignores.
    const changed = [...token].map((_, at) => `${token.slice(0, at)}${swapped(token[at])}${token.slice(at + 1)}`);
    const read = await Promise.all(changed.map((one) => verifyToken(one, SECRET)));
    const accepted = changed.filter((_, at) => read[at] !== undefined);
    expect(accepted.filter((one) => signedPart(one) !== signedPart(token))).toEqual([]);
    expect(accepted.length).toBeLessThanOrEqual(1);
  });
});

describe("a token whose signature fits", () => {
  it.each([
    ["another algorithm", { alg: "HS384", typ: "JWT" }, claims],
    ["no algorithm", { alg: "none" }, claims],
    ["an extension that must be understood", { ...HEADER, crit: ["exp"] }, claims],
    ["a header that is no object", null, claims],
    ["claims that are no object", HEADER, null],
    ["no sub", HEADER, { exp: claims.exp }],
    ["an empty sub", HEADER, { ...claims, sub: "" }],
    ["a sub that is no text", HEADER, { ...claims, sub: 7 }],
    ["a name that is no text", HEADER, { ...claims, name: 7 }],
    ["no expiry", HEADER, { sub: "user-7" }],
    ["an expiry that is no number", HEADER, { ...claims, exp: String(claims.exp) }],
    ["an expiry in milliseconds", HEADER, { ...claims, exp: claims.exp * 1_000 }],
    ["a beginning that is no number", HEADER, { ...claims, nbf: "now" }],
  ])("is nothing with %s", async (_what, header, payload) => {
    expect(await verifyToken(await sign(header, payload), SECRET)).toBeUndefined();
  });

  it("is accepted without a type and with other parameters in the header", async () => {
    expect(await verifyToken(await sign({ alg: "HS256", kid: "1" }, claims), SECRET)).toEqual(claims);
  });

  it("is valid until its expiry, and not from then on", async () => {
    expect(await verifyToken(await sign(HEADER, { ...claims, exp: now + 60 }), SECRET)).toBeDefined();
    expect(await verifyToken(await sign(HEADER, { ...claims, exp: now }), SECRET)).toBeUndefined();
  });

  it("is valid from its beginning, and not before", async () => {
    expect(await verifyToken(await sign(HEADER, { ...claims, nbf: now }), SECRET)).toBeDefined();
    expect(await verifyToken(await sign(HEADER, { ...claims, nbf: now + 60 }), SECRET)).toBeUndefined();
  });
});

describe("verifyToken", () => {
  it.each([undefined, "", ".", "..", "a.b", "a.b.c", "a.b.c.d", "!.!.!", "\ud800.\ud800.\ud800"])(
    "finds nothing in %j",
    async (token) => {
      expect(await verifyToken(token, SECRET)).toBeUndefined();
    },
  );

  it("finds nothing in a token with a part more", async () => {
    expect(await verifyToken(`${await signToken(claims, SECRET)}.`, SECRET)).toBeUndefined();
  });
});

describe("the secret", () => {
  const weak = { code: "INVALID_OPTION", message: "The secret must be at least 32 bytes, not 31." };

  it("has at least 32 bytes, to sign and to verify", async () => {
    await expect(signToken(claims, "x".repeat(31))).rejects.toMatchObject(weak);
    await expect(verifyToken("a.b.c", "x".repeat(31))).rejects.toMatchObject(weak);
    expect(await signToken(claims, "é".repeat(16))).toBeTypeOf("string");
  });

  it("is asked for where a variable is not set", async () => {
    const environment: { TOKEN_SECRET: string } = JSON.parse("{}");
    await expect(verifyToken(undefined, environment.TOKEN_SECRET)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

describe("signToken", () => {
  it("refuses an expiry in milliseconds", async () => {
    const message = "claims.exp must be a time in seconds since the Unix epoch, not 1800000000000.";
    await expect(signToken({ sub: "user-7", exp: 1_800_000_000_000 }, SECRET)).rejects.toMatchObject({ message });
  });

  it.each([{ sub: "" }, { sub: 7 }, { name: 7 }, { nbf: Number.NaN }])("refuses the claim %j", async (claim) => {
    const wrong = JSON.parse(JSON.stringify({ ...claims, ...claim }));
    await expect(signToken(wrong, SECRET)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

/** A token of any header and payload, signed with the secret. */
async function sign(header: unknown, payload: unknown): Promise<string> {
  const content = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = (text: string) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey("raw", bytes(SECRET), algorithm, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, key, bytes(content)));
  const base64 = btoa(String.fromCharCode(...signature));
  return `${content}.${base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

function signedPart(token: string): string {
  return token.slice(0, token.lastIndexOf("."));
}

function swapped(character: string | undefined): string {
  return character === "A" ? "B" : "A";
}
