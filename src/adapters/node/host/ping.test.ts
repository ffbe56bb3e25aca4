import { expect, test } from "vitest";
import { type Transport, TransportError, type TransportFailure } from "../../../registry/client/transport.ts";
import { registryPing } from "./ping.ts";

/** What each address answers: a status, or why none. */
type Answers = Readonly<Record<string, number | TransportFailure | "never">>;

function transport(answers: Answers, asked: string[] = []): Transport {
  return {
    async request({ url, headers, signal }) {
      asked.push(url.href);
      expect(headers).toEqual({});
      const answer = answers[url.href] ?? "refused";
      if (answer === "never") {
        return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      }
      if (typeof answer === "string") throw new TransportError(answer, `it is ${answer}`);
      return { status: answer, headers: {}, body: (async function* () {})(), discard: async () => {} };
    },
    close: async () => {},
  };
}

const HTTP = "http://127.0.0.1:5000/v2/";
const HTTPS = "https://127.0.0.1:5000/v2/";
const cases: readonly (readonly [name: string, registry: string, answers: Answers, is: object])[] = [
  ["of http on loopback", "127.0.0.1:5000", { [HTTP]: 200 }, { kind: "answers", scheme: "http", wantsLogin: false }],
  ["of https on loopback", "127.0.0.1:5000", { [HTTP]: "not-http", [HTTPS]: 200 }, { kind: "answers", scheme: "https", wantsLogin: false }],
  ["that wants a log-in", "ghcr.io", { "https://ghcr.io/v2/": 401 }, { kind: "answers", scheme: "https", wantsLogin: true }],
  ["of Docker Hub", "docker.io", { "https://registry-1.docker.io/v2/": 401 }, { kind: "answers", scheme: "https", wantsLogin: true }],
  ["that has had enough of us", "ghcr.io", { "https://ghcr.io/v2/": 429 }, { kind: "answers", scheme: "https", wantsLogin: false }],
  ["that is none", "example.com", { "https://example.com/v2/": 404 }, { kind: "failed", why: "it answers 404 to GET /v2/, as no registry does" }],
  ["that is not there", "example.com", {}, { kind: "failed", why: "it is refused" }],
  ["that says it is too late", "example.com", { "https://example.com/v2/": "timeout" }, { kind: "silent" }],
  ["that says nothing", "example.com", { "https://example.com/v2/": "never" }, { kind: "silent" }],
  ["whose name is no host", "not a host", {}, { kind: "failed", why: '"not a host" is not a registry\'s host' }],
];

test.each(cases)("a registry %s", async (_name, registry, answers, is) => {
  expect(await registryPing(transport(answers))(registry, { timeoutMs: 50 })).toEqual(is);
});

test("only the signal of whoever asks is thrown", async () => {
  const stop = new AbortController();
  const asking = registryPing(transport({ "https://example.com/v2/": "never" }))("example.com", { timeoutMs: 60_000, signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(asking).rejects.toThrow("enough");
});
