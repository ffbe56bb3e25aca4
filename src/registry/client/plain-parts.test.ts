import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGate } from "../../core/gate.ts";
import { isLoopback } from "../../core/loopback.ts";
import { backoffMs, isTemporaryStatus, retryAfterMs } from "./backoff.ts";
import { parseContentRange, uploadedBytes } from "./byte-range.ts";
import { endpointsOf, resolveAddress } from "./endpoint.ts";
import { mountSource } from "./mount-source.ts";
import { cleanWords, redactedUrl } from "./redact.ts";
import { coversScopes, mergeScopes } from "./scope.ts";

describe("Retry-After", () => {
  const now = Date.UTC(2026, 10, 22, 12, 0, 0);
  const cases: Record<string, [string | undefined, number | undefined]> = {
    seconds: ["7", 7000],
    "a date to come": ["Sun, 22 Nov 2026 12:00:30 GMT", 30_000],
    "a date gone by": ["Sun, 22 Nov 2026 11:00:00 GMT", 0],
    negative: ["-5", undefined],
    words: ["soon", undefined],
    none: [undefined, undefined],
  };
  test.each(Object.entries(cases))("%s", (_, [header, wanted]) => expect(retryAfterMs(header, now)).toBe(wanted));
});

test("waits double up to a limit, and half of each is jitter", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 20].map((attempt) => backoffMs(attempt, () => 1))).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  expect(backoffMs(1, () => 0)).toBe(125);
});

test("only these statuses are temporary", () => {
  expect(Array.from({ length: 500 }, (_, i) => i + 100).filter(isTemporaryStatus)).toEqual([408, 429, 500, 502, 503, 504]);
});

describe("Content-Range", () => {
  const cases: Record<string, [string | undefined, unknown]> = {
    "with a total": ["bytes 5-9/10", { start: 5, end: 10, total: 10 }],
    "without a total": ["bytes 5-9/*", { start: 5, end: 10, total: undefined }],
    "beyond its total": ["bytes 5-10/10", undefined],
    backwards: ["bytes 9-5/10", undefined],
    unsatisfied: ["bytes */10", undefined],
    "other unit": ["lines 0-1/2", undefined],
    none: [undefined, undefined],
  };
  test.each(Object.entries(cases))("%s", (_, [header, wanted]) => expect(parseContentRange(header)).toEqual(wanted));
});

test("an upload's Range tells how many bytes it has", () => {
  expect(["0-99", "bytes=0-99", "0-0", "5-9", "", undefined].map(uploadedBytes)).toEqual([100, 100, 0, undefined, undefined, undefined]);
});

describe("where a registry is asked", () => {
  const bases = (registry: string, options = {}, purpose: "pull" | "push" = "pull") =>
    endpointsOf(registry, options, purpose).map((e) => e.bases.map(({ href }) => href).join(" "));
  const cases: Record<string, [string[], string[]]> = {
    "Docker Hub": [bases("docker.io"), ["https://registry-1.docker.io/v2/"]],
    "any other": [bases("ghcr.io"), ["https://ghcr.io/v2/"]],
    "loopback, where TLS is the rarer": [bases("127.0.0.1:5000"), ["http://127.0.0.1:5000/v2/ https://127.0.0.1:5000/v2/"]],
    "loopback by IPv6": [bases("[::1]:5000"), ["http://[::1]:5000/v2/ https://[::1]:5000/v2/"]],
    "named insecure": [bases("reg.test", { insecure: ["reg.test"] }), ["https://reg.test/v2/ http://reg.test/v2/"]],
    "named plain": [bases("reg.test", { plainHttp: ["reg.test"] }), ["http://reg.test/v2/"]],
    "mirrors first": [
      bases("docker.io", { mirrors: { "docker.io": ["m.test", "http://n.test:80/hub", "https://o.test/v2/p/"] } }),
      ["https://m.test/v2/", "http://n.test/v2/hub/", "https://o.test/v2/p/", "https://registry-1.docker.io/v2/"],
    ],
    "no mirrors for pushes": [bases("docker.io", { mirrors: { "docker.io": ["m.test"] } }, "push"), ["https://registry-1.docker.io/v2/"]],
  };
  test.each(Object.entries(cases))("%s", (_, [got, wanted]) => expect(got).toEqual(wanted));

  test.each(["", "ftp://m.test", "https://user:secret@m.test", "m.test?x"])('a mirror "%s" is refused, without its secrets', (mirror) => {
    expect(() => bases("a.test", { mirrors: { "a.test": [mirror] } })).toThrow(/is not a mirror's address/);
    expect(() => bases("a.test", { mirrors: { "a.test": [mirror] } })).not.toThrow(/secret/);
  });

  test("loopback is loopback only", () => {
    const yes = ["localhost", "localhost:5000", "a.localhost", "127.0.0.1", "127.9.8.7:80", "[::1]", "[::1]:5000", "LOCALHOST"];
    const no = ["localhost.test", "127.0.0.1.test", "128.0.0.1", "notlocalhost", "[::2]:5000", "10.0.0.1"];
    expect(yes.filter((host) => !isLoopback(host))).toEqual([]);
    expect(no.filter(isLoopback)).toEqual([]);
  });
});

describe("addresses that answers name", () => {
  const from = new URL("https://reg.test/v2/a/blobs/uploads/");
  const cases: Record<string, [string, string | undefined]> = {
    relative: ["/v2/a/u/1?s=x", "https://reg.test/v2/a/u/1?s=x"],
    "another host": ["https://store.test/x", "https://store.test/x"],
    "http of the same host is a proxy's slip": ["http://reg.test/v2/u", "https://reg.test/v2/u"],
    "http of another host": ["http://store.test/x", undefined],
    "http of a host that may": ["http://plain.test/x", "http://plain.test/x"],
    "http of the same host, another port": ["http://reg.test:8080/x", undefined],
    "user and password are dropped": ["https://u:p@reg.test/x", "https://reg.test/x"],
    "no web address": ["file:///etc/passwd", undefined],
    unreadable: ["http://[", undefined],
  };
  test.each(Object.entries(cases))("%s", (_, [text, wanted]) => expect(resolveAddress(text, from, (host) => host === "plain.test")?.href).toBe(wanted));
});

describe("scopes", () => {
  test("are merged in one way", () => {
    expect(mergeScopes(["repository:b:pull", "repository:a:pull,push repository:b:push", "", "repository:b:pull"])).toEqual([
      "repository:a:pull,push",
      "repository:b:pull,push",
    ]);
  });
  test("cover what they contain", () => {
    const have = mergeScopes(["repository:a:pull,push", "repository:b:pull"]);
    expect(coversScopes(have, ["repository:a:pull"])).toBe(true);
    expect(coversScopes(have, ["repository:b:push"])).toBe(false);
    expect(coversScopes(have, ["repository:c:pull"])).toBe(false);
  });
});

describe("words for people", () => {
  test("an address keeps its secrets", () => {
    const url = new URL("https://user:pw@reg.test/v2/a/blobs/x?digest=sha256:1&X-Amz-Signature=abc&n=5&_state=hush#frag");
    expect(redactedUrl(url)).toBe("https://reg.test/v2/a/blobs/x?digest=sha256:1&X-Amz-Signature=…&n=5&_state=…");
  });
  const cases: Record<string, [string, string]> = {
    "control characters": ["a\u001b[31mred\u0000\r\nb\u202ec", "a [31mred b c"],
    "a bearer token": ["got Bearer abcdefghijk", "got Bearer …"],
    "a JWT": ["token eyJhbGci.eyJzdWIi.c2ln is bad", "token … is bad"],
    "a field": ['{"access_token":"hush","x":1}', '{"access_token":"…","x":1}'],
    "an address": ["see https://u:p@reg.test/x?X-Amz-Signature=abc", "see https://reg.test/x?X-Amz-Signature=…"],
    long: ["x".repeat(1000), `${"x".repeat(300)}…`],
  };
  test.each(Object.entries(cases))("%s", (_, [text, wanted]) => expect(cleanWords(text)).toBe(wanted));
  test("stay short and clean whatever comes", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => !/\p{Cc}/u.test(cleanWords(text)) && cleanWords(text).length <= 301));
  });
});

describe("the repository to mount from", () => {
  const cases: Record<string, [string[], string | undefined]> = {
    "a path": [["base/alpine"], "base/alpine"],
    "with this registry": [["reg.test/base/alpine"], "base/alpine"],
    "the first that lies here": [["docker.io/library/alpine", "other:5000/x", "base"], "base"],
    "not the same one": [["a"], undefined],
    "not a name": [["Not A Name"], undefined],
    none: [[], undefined],
  };
  test.each(Object.entries(cases))("%s", (_, [from, wanted]) => expect(mountSource("reg.test", "a", from)).toBe(wanted));
});

describe("the gate", () => {
  test("never lets more through than it has places, and all in the end", async () => {
    const gate = createGate(2);
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 9 }, async () => {
        const leave = await gate.enter();
        most = Math.max(most, ++inside);
        await Promise.resolve();
        inside--;
        leave();
        leave();
      }),
    );
    expect([inside, most]).toEqual([0, 2]);
  });
  test("one who gives up waiting takes no place", async () => {
    const gate = createGate(1);
    const leave = await gate.enter();
    const impatient = new AbortController();
    const waiting = gate.enter(impatient.signal);
    const next = gate.enter();
    impatient.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    leave();
    (await next)();
    (await gate.enter())();
  });
});
