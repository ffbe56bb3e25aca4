import { describe, expect, test } from "vitest";
import { checkedScripts, type Step } from "../../../test/harness/scripted-transport.ts";
import { digestOf } from "../../core/digest.ts";
import type { RegistryOptions } from "./options.ts";

const TEXT = "0123456789abcdef";
const DIGEST = digestOf(TEXT);
const place = { registry: "reg.test", repository: "a" };
const GET = `GET https://reg.test/v2/a/blobs/${DIGEST}`;
const HEAD = GET.replace("GET", "HEAD");
const whole = { headers: { "content-length": "16" }, give: TEXT };
const part = (from: number, to = 16, total: number | "*" = 16): Omit<Step, "ask"> => ({
  status: 206,
  headers: { "content-range": `bytes ${from}-${to - 1}/${total}` },
  give: TEXT.slice(from, to),
});

const scripted = checkedScripts();
const run = (steps: Step[], options: RegistryOptions = {}) => scripted(steps, { options });
async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

describe("a blob comes whole", () => {
  const cases: Record<string, { steps: Step[]; range?: { start: number; end?: number }; options?: RegistryOptions; text?: string }> = {
    "in one piece": { steps: [{ ask: GET, with: { range: null }, ...whole }] },
    "without a length": { steps: [{ ask: GET, give: TEXT }] },
    "in two, after a break": {
      steps: [
        { ask: GET, headers: { "content-length": "16" }, give: TEXT.slice(0, 7), cut: true },
        { ask: GET, with: { range: "bytes=7-" }, ...part(7) },
      ],
    },
    "in many": {
      steps: [
        { ask: GET, headers: { "content-length": "16" }, give: TEXT.slice(0, 3), cut: true },
        { ask: GET, with: { range: "bytes=3-" }, status: 503 },
        { ask: GET, with: { range: "bytes=3-" }, ...part(3, 9), cut: true },
        { ask: GET, with: { range: "bytes=9-" }, ...part(9, 12) },
        { ask: GET, with: { range: "bytes=12-" }, ...part(12, 16, "*") },
      ],
    },
    "though it ends early without a break": {
      steps: [
        { ask: GET, headers: { "content-length": "16" }, give: TEXT.slice(0, 7) },
        { ask: GET, with: { range: "bytes=7-" }, ...part(7) },
      ],
    },
    "though a range is answered with everything": {
      steps: [
        { ask: GET, headers: { "content-length": "16" }, give: TEXT.slice(0, 7), cut: true },
        { ask: GET, with: { range: "bytes=7-" }, ...whole },
      ],
    },
    "though a range is answered with another": {
      steps: [
        { ask: GET, headers: { "content-length": "16" }, give: TEXT.slice(0, 7), cut: true },
        { ask: GET, with: { range: "bytes=7-" }, ...part(0) },
        { ask: GET, with: { range: null }, ...whole },
      ],
    },
    "though a range is answered without saying which": {
      steps: [
        { ask: GET, headers: { "content-length": "16" }, give: TEXT.slice(0, 7), cut: true },
        { ask: GET, status: 206, give: TEXT.slice(7) },
        { ask: GET, with: { range: null }, ...whole },
      ],
    },
    "though a range is refused": {
      steps: [
        { ask: GET, headers: { "content-length": "16" }, give: TEXT.slice(0, 7), cut: true },
        { ask: GET, status: 416 },
        { ask: GET, with: { range: null }, ...whole },
      ],
    },
    "by way of another host": {
      steps: [
        { ask: GET, status: 307, headers: { location: "https://store.test/x?sig=1" } },
        { ask: "GET https://store.test/x?sig=1", with: { authorization: null }, ...whole },
      ],
    },
    "from a mirror, then from the registry": {
      options: { mirrors: { "reg.test": ["m.test"] } },
      steps: [
        { ask: `GET https://m.test/v2/a/blobs/${DIGEST}?ns=reg.test`, headers: { "content-length": "16" }, give: TEXT.slice(0, 7), cut: true },
        { ask: GET, with: { range: "bytes=7-" }, ...part(7) },
      ],
    },
    "from the registry when the mirror has another size": {
      options: { mirrors: { "reg.test": ["m.test"] } },
      steps: [
        { ask: `GET https://m.test/v2/a/blobs/${DIGEST}?ns=reg.test`, headers: { "content-length": "99" } },
        { ask: GET, ...whole },
      ],
    },
    "in part": { range: { start: 3, end: 8 }, steps: [{ ask: GET, with: { range: "bytes=3-7" }, ...part(3, 8) }], text: TEXT.slice(3, 8) },
    "in part, to its end": { range: { start: 3 }, steps: [{ ask: GET, with: { range: "bytes=3-" }, ...part(3) }], text: TEXT.slice(3) },
    "in part, where ranges are not known": {
      range: { start: 3, end: 8 },
      steps: [{ ask: GET, with: { range: "bytes=3-7" }, ...whole }],
      text: TEXT.slice(3, 8),
    },
    "in part, where more is sent": { range: { start: 3, end: 8 }, steps: [{ ask: GET, with: { range: "bytes=3-7" }, ...part(3, 12) }], text: TEXT.slice(3, 8) },
    "in part, broken": {
      range: { start: 3, end: 8 },
      steps: [
        { ask: GET, ...part(3, 6), cut: true },
        { ask: GET, with: { range: "bytes=6-7" }, ...part(6, 8) },
      ],
      text: TEXT.slice(3, 8),
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, range, options, text }) => {
    const { client } = run(steps, options);
    expect(await textOf(client.blobs(place, { sizes: new Map([[DIGEST, 16]]) }).open(DIGEST, range))).toBe(text ?? TEXT);
  });

  test("when it is empty", async () => {
    const empty = digestOf("");
    expect(
      await textOf(
        run([{ ask: `GET https://reg.test/v2/a/blobs/${empty}`, headers: { "content-length": "0" } }])
          .client.blobs(place)
          .open(empty),
      ),
    ).toBe("");
  });
});

describe("a blob is refused", () => {
  const cases: Record<string, { steps: Step[]; sizes?: boolean; code: string; says: RegExp }> = {
    "of another content": { steps: [{ ask: GET, give: TEXT.toUpperCase() }], code: "digest-mismatch", says: /content of digest sha256:\w+, wanted/ },
    "of another length than its descriptor's": {
      sizes: true,
      steps: [{ ask: GET, headers: { "content-length": "99" }, give: TEXT }],
      code: "size-mismatch",
      says: /99 bytes for a blob of 16/,
    },
    "that goes on and on": { sizes: true, steps: [{ ask: GET, give: TEXT.repeat(9) }], code: "size-mismatch", says: /more than the 16 bytes/ },
    "that has another length each time": {
      steps: [
        { ask: GET, headers: { "content-length": "16" }, give: TEXT.slice(0, 7), cut: true },
        { ask: GET, ...part(7, 16, 17) },
      ],
      code: "size-mismatch",
      says: /17 bytes for a blob of 16/,
    },
    "that never gets on": {
      steps: Array.from({ length: 5 }, () => ({ ask: GET, headers: { "content-length": "16" }, cut: true as const })),
      code: "registry-unreachable",
      says: /made to break/,
    },
    "that never ends, a byte at a time": {
      steps: Array.from({ length: 5 }, (_, i) =>
        i === 0 ? { ask: GET, headers: { "content-length": "16" }, give: "0", cut: true as const } : { ask: GET, ...part(i, i + 1), cut: true as const },
      ),
      code: "registry-unreachable",
      says: /made to break/,
    },
    "that is not there": { steps: [{ ask: GET, status: 404, give: '{"errors":[{"code":"BLOB_UNKNOWN"}]}' }], code: "registry-not-found", says: /BLOB_UNKNOWN/ },
    "that is forbidden": { steps: [{ ask: GET, status: 403 }], code: "registry-denied", says: /403/ },
    "by wrong ranges, however it is asked": {
      steps: [
        { ask: GET, headers: { "content-length": "16" }, give: TEXT.slice(0, 7), cut: true },
        { ask: GET, ...part(0) },
        { ask: GET, with: { range: null }, ...part(0) },
      ],
      code: "registry-status",
      says: /another range/,
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, sizes, code, says }) => {
    const { client } = run(steps);
    const reader = client.blobs(place, sizes === true ? { sizes: new Map([[DIGEST, 16]]) } : {});
    await expect(textOf(reader.open(DIGEST))).rejects.toMatchObject({ name: "ProblemError", code, message: expect.stringMatching(says) });
  });
});

describe("the size of a blob", () => {
  const cases: Record<string, { steps: Step[]; size: number | undefined }> = {
    "by HEAD": { steps: [{ ask: HEAD, headers: { "content-length": "16" } }], size: 16 },
    "of none": { steps: [{ ask: HEAD, status: 404 }], size: undefined },
    "by GET where HEAD is not known": {
      steps: [
        { ask: HEAD, status: 405 },
        { ask: GET, ...whole },
      ],
      size: 16,
    },
  };
  test.each(Object.entries(cases))("%s", async (_, { steps, size }) => expect(await run(steps).client.blobs(place).stat(DIGEST)).toBe(size));
});

test("progress is told, and places in the lane come back however a stream ends", async () => {
  const { client } = run(
    [
      { ask: GET, ...whole },
      { ask: GET, ...whole },
      { ask: GET, status: 404 },
      { ask: HEAD, status: 405 },
      { ask: GET, ...whole },
      { ask: GET, ...whole },
    ],
    { transfersPerHost: 1 },
  );
  const told: number[] = [];
  const reader = client.blobs(place, { onProgress: (done) => told.push(done) });
  for await (const chunk of reader.open(DIGEST)) if (chunk.byteLength > 0) break;
  expect(await textOf(reader.open(DIGEST))).toBe(TEXT);
  await expect(textOf(reader.open(DIGEST))).rejects.toMatchObject({ code: "registry-not-found" });
  expect(await reader.stat(DIGEST)).toBe(16);
  expect(await textOf(reader.open(DIGEST))).toBe(TEXT);
  expect(told).toEqual([5, 10, 15, 16, 5, 10, 15, 16]);
});
