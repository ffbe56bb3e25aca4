import { describe, expect, test } from "vitest";
import { checkedScripts, type Step } from "../../../test/harness/scripted-transport.ts";
import { digestOf } from "../../core/digest.ts";
import type { Credential } from "./credentials.ts";

const REG = "https://reg.test/v2";
const TAGS = `GET ${REG}/a/tags/list?n=1000`;
const repository = { registry: "reg.test", repository: "a" };
const bearer = (more = "") => ({ "www-authenticate": `Bearer realm="https://auth.test/token",service="reg.test"${more}` });
const refused: Step = { ask: TAGS, with: { authorization: null }, status: 401, headers: bearer(',scope="repository:a:pull"') };
const TOKEN = "https://auth.test/token?service=reg.test&scope=repository%3Aa%3Apull";
const user: Credential = { username: "u", password: "p" };
const basic = "Basic dTpw";

const scripted = checkedScripts();
const run = (steps: Step[], credential?: Credential) => scripted(steps, credential === undefined ? {} : { credentials: { "reg.test": credential } });

describe("a listing behind a login", () => {
  const cases: Record<string, { credential?: Credential; steps: Step[] }> = {
    "none wanted": { credential: user, steps: [{ ask: TAGS, with: { authorization: null }, give: '{"tags":["x"]}' }] },
    "an anonymous token": {
      steps: [
        refused,
        { ask: `GET ${TOKEN}`, with: { authorization: null }, give: '{"token":"t1"}' },
        { ask: TAGS, with: { authorization: "Bearer t1" }, give: '{"tags":["x"]}' },
      ],
    },
    "a token for a password": {
      credential: user,
      steps: [
        refused,
        { ask: `GET ${TOKEN}`, with: { authorization: basic }, give: '{"access_token":"t1"}' },
        { ask: TAGS, with: { authorization: "Bearer t1" }, give: '{"tags":["x"]}' },
      ],
    },
    "a token for a password, by POST where GET is not known": {
      credential: user,
      steps: [
        refused,
        { ask: `GET ${TOKEN}`, status: 405 },
        {
          ask: "POST https://auth.test/token",
          with: { authorization: null, "content-type": "application/x-www-form-urlencoded" },
          body: "grant_type=password&username=u&password=p&service=reg.test&client_id=multihull&scope=repository%3Aa%3Apull",
          give: '{"access_token":"t1"}',
        },
        { ask: TAGS, with: { authorization: "Bearer t1" }, give: '{"tags":["x"]}' },
      ],
    },
    "a token for a refresh token": {
      credential: { identityToken: "r" },
      steps: [
        refused,
        {
          ask: "POST https://auth.test/token",
          body: "grant_type=refresh_token&refresh_token=r&service=reg.test&client_id=multihull&scope=repository%3Aa%3Apull",
          give: '{"access_token":"t1"}',
        },
        { ask: TAGS, with: { authorization: "Bearer t1" }, give: '{"tags":["x"]}' },
      ],
    },
    "a refresh token where POST is not known": {
      credential: { identityToken: "r" },
      steps: [
        refused,
        { ask: "POST https://auth.test/token", status: 404 },
        { ask: `GET ${TOKEN}`, with: { authorization: "Basic OnI=" }, give: '{"token":"t1"}' },
        { ask: TAGS, with: { authorization: "Bearer t1" }, give: '{"tags":["x"]}' },
      ],
    },
    "a token of the registry itself": {
      credential: { registryToken: "own" },
      steps: [refused, { ask: TAGS, with: { authorization: "Bearer own" }, give: '{"tags":["x"]}' }],
    },
    basic: {
      credential: user,
      steps: [
        { ask: TAGS, status: 401, headers: { "www-authenticate": 'Basic realm="x"' } },
        { ask: TAGS, with: { authorization: basic }, give: '{"tags":["x"]}' },
      ],
    },
    "bearer before basic": {
      credential: user,
      steps: [
        { ask: TAGS, status: 401, headers: { "www-authenticate": `Basic realm="x", ${bearer()["www-authenticate"]}` } },
        { ask: `GET ${TOKEN}`, give: '{"token":"t1"}' },
        { ask: TAGS, with: { authorization: "Bearer t1" }, give: '{"tags":["x"]}' },
      ],
    },
    "a token server that stumbles": {
      steps: [
        refused,
        { ask: `GET ${TOKEN}`, status: 503 },
        { ask: `GET ${TOKEN}`, fail: "reset" },
        { ask: `GET ${TOKEN}`, give: '{"token":"t1"}' },
        { ask: TAGS, with: { authorization: "Bearer t1" }, give: '{"tags":["x"]}' },
      ],
    },
    "a token server elsewhere, its password not sent on by a redirect": {
      credential: user,
      steps: [
        refused,
        { ask: `GET ${TOKEN}`, with: { authorization: basic }, status: 307, headers: { location: "https://other.test/t" } },
        { ask: "GET https://other.test/t", with: { authorization: null }, give: '{"token":"t1"}' },
        { ask: TAGS, with: { authorization: "Bearer t1" }, give: '{"tags":["x"]}' },
      ],
    },
    "more scope than we thought of": {
      steps: [
        refused,
        { ask: `GET ${TOKEN}`, give: '{"token":"t1"}' },
        { ask: TAGS, with: { authorization: "Bearer t1" }, status: 401, headers: bearer(',scope="repository:a:metadata_read",error="insufficient_scope"') },
        { ask: "GET https://auth.test/token?service=reg.test&scope=repository%3Aa%3Ametadata_read%2Cpull", give: '{"token":"t2"}' },
        { ask: TAGS, with: { authorization: "Bearer t2" }, give: '{"tags":["x"]}' },
      ],
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { credential, steps }) => {
    expect(await run(steps, credential).client.tags(repository)).toEqual(["x"]);
  });
});

describe("a refusal", () => {
  const cases: Record<string, { credential?: Credential; steps: Step[]; code: string; says: RegExp; hint: RegExp }> = {
    "no way to log in": {
      steps: [{ ask: TAGS, status: 401 }],
      code: "registry-unauthorized",
      says: /reg\.test answered 401 to GET https:\/\/reg\.test\/v2\/a\/tags/,
      hint: /run docker login reg\.test, or/,
    },
    "basic without credentials": {
      steps: [{ ask: TAGS, status: 401, headers: { "www-authenticate": "Basic realm=x" } }],
      code: "registry-unauthorized",
      says: /401/,
      hint: /docker login reg\.test/,
    },
    "basic with wrong ones": {
      credential: user,
      steps: [
        { ask: TAGS, status: 401, headers: { "www-authenticate": "Basic realm=x" } },
        {
          ask: TAGS,
          with: { authorization: basic },
          status: 401,
          headers: { "www-authenticate": "Basic realm=x" },
          give: `{"errors":[{"code":"UNAUTHORIZED","message":"no, ${basic} is wrong"}]}`,
        },
      ],
      code: "registry-unauthorized",
      says: /: UNAUTHORIZED: no, Basic … is wrong$/,
      hint: /run docker login reg\.test again/,
    },
    "a token server that knows us not": {
      credential: user,
      steps: [refused, { ask: `GET ${TOKEN}`, status: 401, give: '{"details":"incorrect username or password"}' }],
      code: "registry-unauthorized",
      says: /answered 401 to GET https:\/\/auth\.test\/token\?service=reg\.test&scope=repository:a:pull: incorrect username or password$/,
      hint: /docker login reg\.test again/,
    },
    "a token server that gives no token": {
      steps: [refused, { ask: `GET ${TOKEN}`, give: "{}" }],
      code: "registry-status",
      says: /with no token$/,
      hint: /operator/,
    },
    "a token that would smuggle a header": {
      steps: [refused, { ask: `GET ${TOKEN}`, give: '{"token":"a\\r\\nx: y"}' }],
      code: "registry-status",
      says: /with no token$/,
      hint: /operator/,
    },
    "a token that is refused, twice": {
      steps: [
        refused,
        { ask: `GET ${TOKEN}`, give: '{"token":"t1"}' },
        { ...refused, with: { authorization: "Bearer t1" } },
        { ask: `GET ${TOKEN}`, give: '{"token":"t2"}' },
        { ...refused, with: { authorization: "Bearer t2" } },
      ],
      code: "registry-unauthorized",
      says: /answered 401/,
      hint: /docker login/,
    },
    "a token server over plain http": {
      credential: user,
      steps: [{ ask: TAGS, status: 401, headers: { "www-authenticate": 'Bearer realm="http://auth.test/token"' } }],
      code: "registry-unauthorized",
      says: /a token server over plain http \("auth\.test"\)/,
      hint: /operator/,
    },
    "not allowed": {
      steps: [{ ask: TAGS, status: 403, give: '{"errors":[{"code":"DENIED","message":"pull access\\u0007 denied"}]}' }],
      code: "registry-denied",
      says: /: DENIED: pull access denied$/,
      hint: /ask the owner of "a"/,
    },
    "not there": {
      steps: [{ ask: TAGS, status: 404, give: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }],
      code: "registry-not-found",
      says: /: NAME_UNKNOWN$/,
      hint: /look at the name/,
    },
    "a web page": {
      steps: [{ ask: TAGS, status: 418, give: "<html><title>Welcome</title>" }],
      code: "registry-status",
      says: /418 .*a web page, Welcome$/,
      hint: /^$/,
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { credential, steps, code, says, hint }) => {
    const error = await run(steps, credential)
      .client.tags(repository)
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ name: "ProblemError", code, message: expect.stringMatching(says) });
    expect((error as { hint?: string }).hint ?? "").toMatch(hint);
    expect((error as Error).message).not.toContain("\u0007");
  });
});

describe("tokens are kept", () => {
  const again = (token: string): Step => ({ ask: TAGS, with: { authorization: `Bearer ${token}` }, give: '{"tags":[]}' });

  test("until shortly before their end", async () => {
    const { client, advance } = run([
      refused,
      { ask: `GET ${TOKEN}`, give: '{"token":"t1","expires_in":300}' },
      again("t1"),
      again("t1"),
      { ask: `GET ${TOKEN}`, give: '{"token":"t2","expires_in":300}' },
      again("t2"),
    ]);
    await client.tags(repository);
    advance(289_000);
    await client.tags(repository);
    advance(2000);
    await client.tags(repository);
  });

  test("and one is enough for many at once", async () => {
    const { client } = run([refused, { ask: `GET ${TOKEN}`, give: '{"token":"t1"}' }, again("t1"), again("t1"), again("t1"), again("t1")]);
    await client.tags(repository);
    await Promise.all([client.tags(repository), client.tags(repository), client.tags(repository)]);
  });

  test("a token that was withdrawn is replaced", async () => {
    const { client } = run([
      refused,
      { ask: `GET ${TOKEN}`, give: '{"token":"t1"}' },
      again("t1"),
      { ask: TAGS, with: { authorization: "Bearer t1" }, status: 401, headers: bearer(',error="invalid_token"') },
      { ask: `GET ${TOKEN}`, give: '{"token":"t2"}' },
      again("t2"),
    ]);
    await client.tags(repository);
    await client.tags(repository);
  });

  test("a token to push serves to pull", async () => {
    const bytes = Buffer.from("{}");
    const PUT = `PUT ${REG}/a/manifests/t`;
    const { client } = run([
      { ask: PUT, status: 401, headers: bearer() },
      { ask: "GET https://auth.test/token?service=reg.test&scope=repository%3Aa%3Apull%2Cpush", give: '{"token":"t1"}' },
      { ask: PUT, with: { authorization: "Bearer t1" }, body: "{}", status: 201, headers: { "docker-content-digest": digestOf(bytes) } },
      again("t1"),
    ]);
    await client.putManifest({ ...repository, tag: "t" }, "application/x", bytes);
    await client.tags(repository);
  });

  test("a repository apart needs its own", async () => {
    const OTHER = `GET ${REG}/b/tags/list?n=1000`;
    const { client } = run([
      refused,
      { ask: `GET ${TOKEN}`, give: '{"token":"t1"}' },
      again("t1"),
      { ask: "GET https://auth.test/token?service=reg.test&scope=repository%3Ab%3Apull", give: '{"token":"t2"}' },
      { ask: OTHER, with: { authorization: "Bearer t2" }, give: '{"tags":[]}' },
    ]);
    await client.tags(repository);
    await client.tags({ ...repository, repository: "b" });
  });
});
