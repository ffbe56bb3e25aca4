import { describe, expect, test } from "vitest";
import { checkedScripts, type Step } from "../../../test/harness/scripted-transport.ts";
import type { RegistryOptions } from "./options.ts";

const TAGS = "GET https://reg.test/v2/a/tags/list?n=1000";
const repository = { registry: "reg.test", repository: "a" };
const fine: Step = { ask: TAGS, give: '{"tags":["x"]}' };

const scripted = checkedScripts();
const run = (steps: Step[], options: RegistryOptions = {}) => scripted(steps, { options });

describe("what is tried again, and after which waits", () => {
  const cases: Record<string, { steps: Step[]; slept: number[] }> = {
    "each temporary status": { steps: [408, 429, 500, 502].map((status) => ({ ask: TAGS, status })).concat(fine as never), slept: [250, 500, 1000, 2000] },
    "a cut connection": {
      steps: [{ ask: TAGS, fail: "reset" }, { ask: TAGS, fail: "timeout" }, { ask: TAGS, fail: "name-temporary" }, fine],
      slept: [250, 500, 1000],
    },
    "a cut body": { steps: [{ ask: TAGS, give: '{"tags":[', cut: true }, fine], slept: [250] },
    "Retry-After in seconds": { steps: [{ ask: TAGS, status: 429, headers: { "retry-after": "7" } }, fine], slept: [7000] },
    "Retry-After as a date": { steps: [{ ask: TAGS, status: 503, headers: { "retry-after": "Sun, 22 Nov 2026 00:00:09 GMT" } }, fine], slept: [9000] },
    "Retry-After of nothing still waits a little": { steps: [{ ask: TAGS, status: 503, headers: { "retry-after": "0" } }, fine], slept: [250] },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, slept }) => {
    const made = run(steps);
    expect(await made.client.tags(repository)).toEqual(["x"]);
    expect(made.slept).toEqual(slept);
  });
});

describe("what is given up", () => {
  const cases: Record<string, { steps: Step[]; code: string; says: RegExp; waits: number; options?: RegistryOptions }> = {
    "after the last try": {
      steps: Array.from({ length: 5 }, () => ({ ask: TAGS, status: 503, give: "tired" })),
      code: "registry-status",
      says: /answered 503 .*: tired$/,
      waits: 4,
    },
    "after the last try, as many as were wished for": {
      steps: [
        { ask: TAGS, status: 503 },
        { ask: TAGS, status: 503 },
      ],
      code: "registry-status",
      says: /503/,
      waits: 1,
      options: { attempts: 2 },
    },
    "too long a wait": {
      steps: [{ ask: TAGS, status: 429, headers: { "retry-after": "3600" } }],
      code: "registry-rate-limited",
      says: /asks for a wait of 3600 s, and we wait for at most 60 s/,
      waits: 0,
    },
    "too many requests, to the end": {
      steps: Array.from({ length: 5 }, () => ({ ask: TAGS, status: 429 })),
      code: "registry-rate-limited",
      says: /429/,
      waits: 4,
    },
    "nobody listens": {
      steps: [{ ask: TAGS, fail: "refused" }],
      code: "registry-unreachable",
      says: /reg\.test gave no answer to GET .*: made to fail: refused/,
      waits: 0,
    },
    "an unknown host": { steps: [{ ask: TAGS, fail: "name-unknown" }], code: "registry-unreachable", says: /no answer/, waits: 0 },
    "a bad certificate": { steps: [{ ask: TAGS, fail: "certificate" }], code: "registry-unreachable", says: /no answer/, waits: 0 },
    "no answer, to the end": {
      steps: Array.from({ length: 5 }, () => ({ ask: TAGS, fail: "timeout" as const })),
      code: "registry-unreachable",
      says: /made to fail: timeout/,
      waits: 4,
    },
    "a 4xx": { steps: [{ ask: TAGS, status: 400 }], code: "registry-status", says: /400/, waits: 0 },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, code, says, waits, options }) => {
    const made = run(steps, options);
    await expect(made.client.tags(repository)).rejects.toMatchObject({ name: "ProblemError", code, message: expect.stringMatching(says) });
    expect(made.slept).toHaveLength(waits);
  });
});

test("an aborted signal ends it with its own reason", async () => {
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  await expect(run([]).client.tags(repository, { signal: stop.signal })).rejects.toThrow("enough");
});

describe("redirects", () => {
  const from = (location: string, status = 307): Step => ({ ask: TAGS, status, headers: { location } });
  const cases: Record<string, { steps: Step[]; fails?: RegExp }> = {
    "on the same host": { steps: [from("/elsewhere"), { ...fine, ask: "GET https://reg.test/elsewhere" }] },
    "to another host and back": {
      steps: [
        from("https://b.test/x", 302),
        { ask: "GET https://b.test/x", status: 301, headers: { location: "https://reg.test/y" } },
        { ...fine, ask: "GET https://reg.test/y", with: { authorization: null } },
      ],
    },
    "round and round": { steps: Array.from({ length: 6 }, () => from(TAGS.slice(4))), fails: /with more than 5 redirects/ },
    "from https to http": { steps: [from("http://user:secret@b.test/x?sig=secret")], fails: /a redirect from https to http:\/\/b\.test\/x\?sig=…$/ },
    "from https to what listens on loopback": { steps: [from("http://127.0.0.1:2375/x")], fails: /a redirect from https to http:\/\/127/ },
    "to nowhere": { steps: [from("http://[")], fails: /a redirect/ },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, fails }) => {
    const { client } = run(steps);
    if (fails === undefined) expect(await client.tags(repository)).toEqual(["x"]);
    else await expect(client.tags(repository)).rejects.toMatchObject({ code: "registry-status", message: expect.stringMatching(fails) });
  });

  test("credentials stay with the registry", async () => {
    const made = scripted(
      [
        { ask: TAGS, status: 401, headers: { "www-authenticate": "Basic realm=x" } },
        { ...from("https://b.test/x"), with: { authorization: "Basic dTpw" } },
        { ask: "GET https://b.test/x", with: { authorization: null }, status: 302, headers: { location: "https://reg.test/y" } },
        { ...fine, ask: "GET https://reg.test/y", with: { authorization: null } },
      ],
      { credentials: { "reg.test": { username: "u", password: "p" } } },
    );
    expect(await made.client.tags(repository)).toEqual(["x"]);
  });
});

describe("http or https on loopback", () => {
  const local = { registry: "127.0.0.1:5000", repository: "a" };
  const PROBE = "GET http://127.0.0.1:5000/v2/";
  const PROBE_TLS = "GET https://127.0.0.1:5000/v2/";
  const list = (scheme: string): Step => ({ ask: `GET ${scheme}://127.0.0.1:5000/v2/a/tags/list?n=1000`, give: '{"tags":["x"]}' });
  const cases: Record<string, { steps: Step[]; fails?: string }> = {
    "http answers": { steps: [{ ask: PROBE }, list("http"), list("http")] },
    "a server of TLS says so": {
      steps: [
        { ask: PROBE, status: 400, give: "Client sent an HTTP request to an HTTPS server." },
        { ask: PROBE_TLS, status: 401 },
        list("https"),
        list("https"),
      ],
    },
    "a server of TLS hangs up": { steps: [{ ask: PROBE, fail: "reset" }, { ask: PROBE_TLS }, list("https"), list("https")] },
    "neither answers": {
      steps: [
        { ask: PROBE, fail: "refused" },
        { ask: PROBE_TLS, fail: "refused" },
      ],
      fails: "registry-unreachable",
    },
    "neither answers at first": { steps: [{ ask: PROBE, fail: "reset" }, { ask: PROBE_TLS, fail: "not-tls" }, { ask: PROBE }, list("http"), list("http")] },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, fails }) => {
    const { client } = run(steps);
    if (fails !== undefined) return expect(client.tags(local)).rejects.toMatchObject({ code: fails });
    expect(await client.tags(local)).toEqual(["x"]);
    expect(await client.tags(local)).toEqual(["x"]);
  });
});
