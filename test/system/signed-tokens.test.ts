import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { Consumer } from "./consumer.js";

const SECRET = "a secret of thirty-two characters";
const CLAIMS = { sub: "user-7", name: "Grüße 😀", exp: 4_102_444_800, role: "agent" };

/** Signs claims, and verifies a token that another program signed. */
const PROGRAM = `
import { signToken, verifyToken } from "@workkit/chat/tokens";

const [claims, token, secret] = process.argv.slice(2);
console.log(JSON.stringify({
  signed: await signToken(JSON.parse(claims), secret),
  verified: await verifyToken(token, secret),
}));
`;

let consumer: Consumer;

beforeAll(async () => {
  consumer = await Consumer.create();
  await consumer.run("npm", ["install", "--no-audit", "--no-fund", inject("tarball")]);
  await consumer.write("program.mjs", PROGRAM);
});

afterAll(() => consumer[Symbol.asyncDispose]());

it.each([
  ["Node", "node", []],
  ["Bun", "bun", []],
  ["Deno", "deno", ["run", "--allow-all"]],
])("tokens in %s are those of any implementation of HS256", async (_runtime, program, flags) => {
  const args = [JSON.stringify(CLAIMS), sign(CLAIMS), SECRET];
  const { signed, verified } = JSON.parse(await consumer.run(program, [...flags, "program.mjs", ...args]));
  expect(verified).toEqual(CLAIMS);
  expect(signed).toBe(sign(CLAIMS));
});

/** A JSON Web Token as RFC 7515 makes it, by Node's crypto. */
function sign(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${content}.${createHmac("sha256", SECRET).update(content).digest("base64url")}`;
}
