import { describe, expect, test } from "vitest";
import { withBasicAuth } from "./basic-auth.ts";
import { readHtpasswd } from "./htpasswd.ts";
import { emptyResponse } from "./message.ts";

// Made with crypt(3) of glibc's libxcrypt and with openssl, not with the library that checks them.
const BCRYPT = "ann:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";
const SHA = "bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";

describe("an htpasswd file", () => {
  test.each<[string, string, string, boolean]>([
    ["bcrypt", "ann", "secret", true],
    ["bcrypt, asked again", "ann", "secret", true],
    ["bcrypt, wrong", "ann", "Secret", false],
    ["bcrypt, empty", "ann", "", false],
    ["SHA", "bob", "secret", true],
    ["SHA, wrong", "bob", "secret ", false],
    ["nobody", "carol", "secret", false],
    ["no name", "", "secret", false],
  ])("%s: %s with %j is %s", async (_, user, password, right) => {
    const check = readHtpasswd(`# users\n\n${BCRYPT}\r\n  ${SHA}\n`);
    expect(await check(user, password)).toBe(right);
    expect(await check(user, password)).toBe(right);
  });

  test.each([
    ["plain text", "ann:secret"],
    ["MD5", "ann:$apr1$abc$0123456789012345678901"],
    ["no colon", "ann"],
    ["no name", ":{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="],
  ])("with %s is refused by its line's number, without its text", (_, line) => {
    expect(() => readHtpasswd(`${BCRYPT}\n${line}\n`)).toThrow(/^line 2 of the htpasswd file is not USER:HASH with a bcrypt or \{SHA\} hash$/);
  });

  test("without a user is refused", () => {
    expect(() => readHtpasswd("# nobody\n")).toThrow("has no user");
  });
});

describe("basic authentication", () => {
  const inside = withBasicAuth(async () => emptyResponse(204), readHtpasswd(SHA), "here");
  async function* nothing(): AsyncGenerator<Uint8Array> {}
  const ask = (authorization?: string, method = "GET") => inside({ method, url: "/v2/", headers: { authorization }, body: nothing() });
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

  test.each<[string, string | undefined, number]>([
    ["the right password", basic("bob:secret"), 204],
    ["another case of the scheme", basic("bob:secret").replace("Basic", "bAsIc"), 204],
    ["a wrong password", basic("bob:wrong"), 401],
    ["no password", basic("bob"), 401],
    ["no header", undefined, 401],
    ["a token", "Bearer abc", 401],
    ["not base64", "Basic ???", 401],
  ])("%s", async (_, header, status) => {
    const answer = await ask(header);
    expect(answer.status).toBe(status);
    expect(answer.headers["www-authenticate"]).toBe(status === 401 ? 'Basic realm="here", charset="UTF-8"' : undefined);
  });

  test("a refusal says UNAUTHORIZED, and nothing to HEAD", async () => {
    expect(Buffer.from((await ask()).body as Uint8Array).toString()).toContain('"code":"UNAUTHORIZED"');
    expect((await ask(undefined, "HEAD")).body).toBeUndefined();
  });
});
