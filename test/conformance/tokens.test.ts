import { describe, expect, it } from "vitest";
import { readToken, type TokenSources } from "../../src/index.js";
import { base64url } from "../fixtures/base64url.js";

interface Case {
  what: string;
  headers?: Record<string, string>;
  query?: string;
  sources?: TokenSources;
  token: string | undefined;
}

const offered = (...names: string[]) => ({ "sec-websocket-protocol": names.join(", ") });
const all: TokenSources = { header: true, subprotocol: true, cookie: "session", query: "token" };

const HEADER: Case[] = [
  { what: "a bearer token", headers: { authorization: "Bearer abc" }, token: "abc" },
  { what: "a bearer of another case", headers: { authorization: "bEARER abc.d-e_f~g+/=" }, token: "abc.d-e_f~g+/=" },
  { what: "a bearer after two spaces", headers: { authorization: "Bearer  abc" }, token: "abc" },
  { what: "another scheme", headers: { authorization: "Basic abc" }, token: undefined },
  { what: "a scheme that only begins so", headers: { authorization: "Bearerabc" }, token: undefined },
  { what: "two words", headers: { authorization: "Bearer abc def" }, token: undefined },
  { what: "a bearer of nothing", headers: { authorization: "Bearer " }, token: undefined },
];

const SUBPROTOCOL: Case[] = [
  { what: "a token offered alone", headers: offered(`workkit.token.${base64url("abc")}`), token: "abc" },
  {
    what: "a token offered beside a dialect",
    headers: offered("workkit.chat.v1", `workkit.token.${base64url("abc")}`, "workkit.chat.plain"),
    token: "abc",
  },
  { what: "a token that is not ASCII", headers: offered(`workkit.token.${base64url("Grüße 😀")}`), token: "Grüße 😀" },
  { what: "letters that base64url has of its own", headers: offered("workkit.token.Pz8_Pj4-"), token: "???>>>" },
  { what: "every length", headers: offered(`workkit.token.${base64url("ab")}`), token: "ab" },
  { what: "a byte order mark", headers: offered(`workkit.token.${base64url("\ufeffa")}`), token: "\ufeffa" },
  { what: "an empty token", headers: offered("workkit.token."), token: undefined },
  { what: "no base64", headers: offered("workkit.token.!!!"), token: undefined },
  { what: "base64 of no whole byte", headers: offered("workkit.token.A"), token: undefined },
  { what: "bytes that are no UTF-8", headers: offered("workkit.token.gICA"), token: undefined },
  { what: "a name of another case", headers: offered(`Workkit.Token.${base64url("abc")}`), token: undefined },
  { what: "only dialects", headers: offered("workkit.chat.v1", "workkit.chat.plain"), token: undefined },
];

const COOKIE: Case[] = [
  { what: "the cookie", headers: { cookie: "session=abc" }, token: "abc" },
  { what: "the cookie among others", headers: { cookie: "a=1; session=abc; b=2" }, token: "abc" },
  { what: "a value with =", headers: { cookie: "session=abc==" }, token: "abc==" },
  { what: "no spaces", headers: { cookie: "a=1;session=abc" }, token: "abc" },
  { what: "another cookie that ends so", headers: { cookie: "xsession=abc" }, token: undefined },
  { what: "another cookie that begins so", headers: { cookie: "sessionx=abc" }, token: undefined },
  { what: "a cookie without =", headers: { cookie: "sessionx; session; a=1" }, token: undefined },
  { what: "an empty cookie", headers: { cookie: "session=" }, token: undefined },
  { what: "no cookie", token: undefined },
].map((one) => ({ ...one, sources: { cookie: "session" } }));

const QUERY: Case[] = [
  { what: "the parameter", query: "token=abc", token: "abc" },
  { what: "an escaped parameter", query: "a=1&token=a%2Bb%20%E2%82%AC", token: "a+b €" },
  { what: "another parameter", query: "tokens=abc", token: undefined },
  { what: "an empty parameter", query: "token=", token: undefined },
].map((one) => ({ ...one, sources: { query: "token" } }));

const everywhere = {
  headers: {
    authorization: "Bearer from-header",
    cookie: "session=from-cookie",
    ...offered(`workkit.token.${base64url("from-subprotocol")}`),
  },
  query: "token=from-query",
};

const CHOICE: Case[] = [
  { what: "the header first", ...everywhere, sources: all, token: "from-header" },
  { what: "then the subprotocol", ...everywhere, sources: { ...all, header: false }, token: "from-subprotocol" },
  { what: "then the cookie", ...everywhere, sources: { cookie: "session", query: "token" }, token: "from-cookie" },
  { what: "the query at last", ...everywhere, sources: { query: "token" }, token: "from-query" },
  { what: "nothing where it may look nowhere", ...everywhere, sources: {}, token: undefined },
  { what: "the header by default", ...everywhere, token: "from-header" },
  { what: "no cookie and no query by default", headers: { cookie: "session=a" }, query: "token=b", token: undefined },
  {
    what: "the cookie where the subprotocol is malformed",
    headers: { cookie: "session=a", ...offered("workkit.token.A") },
    sources: all,
    token: "a",
  },
];

describe.each([
  { source: "the header", cases: HEADER },
  { source: "the subprotocol", cases: SUBPROTOCOL },
  { source: "a cookie", cases: COOKIE },
  { source: "the query", cases: QUERY },
  { source: "several sources", cases: CHOICE },
])("readToken from $source", ({ cases }) => {
  it.each(cases)("finds $token in $what", ({ headers = {}, query = "", sources, token }) => {
    expect(readToken(new Request(`https://chat.example/?${query}`, { headers }), sources)).toBe(token);
  });
});
