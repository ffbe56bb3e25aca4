import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failures } from "../facts/failures.ts";
import { explainLog } from "./explain-log.ts";
import { LINE_LIMIT, SHOWN_LIMIT } from "./limits.ts";
import { LineSplitter } from "./line-splitter.ts";

function* repeated(text: string, times: number): Iterable<string> {
  for (let i = 0; i < times; i++) yield text;
}

describe("hostile logs", () => {
  test("a line of 50 MB is cut, and the log goes on behind it", async () => {
    const megabyte = "x".repeat(1 << 20);
    const explanation = await explainLog(
      (function* () {
        yield* repeated(megabyte, 50);
        yield "\nERROR: tag is needed when pushing to registry\n";
      })(),
    );
    expect(explanation.log).toMatchObject({ lines: 2, bytes: 50 * (1 << 20) + 47 });
    expect(explanation.failures[0]?.lines).toEqual([{ number: 2, text: "ERROR: tag is needed when pushing to registry" }]);
  });

  test("the splitter holds no more of a line than its limit", () => {
    const lengths: number[] = [];
    const splitter = new LineSplitter((text) => lengths.push(text.length));
    for (const chunk of repeated("y".repeat(100_000), 20)) splitter.push(chunk);
    splitter.end();
    expect(lengths).toEqual([LINE_LIMIT]);
  });

  test("a hundred thousand errors alike are kept as few", async () => {
    const explanation = await explainLog(repeated("ERROR: tag is needed when pushing to registry\n".repeat(100), 1000));
    expect(explanation.log.lines).toBe(100_000);
    expect(explanation.failures).toHaveLength(1);
    expect(JSON.stringify(explanation).length).toBeLessThan(10_000);
  });

  test("ever new vertices and errors are kept within bounds", async () => {
    function* vertices(): Iterable<string> {
      for (let i = 1; i < 60_000; i++) yield `#${i} [linux/arm64 2/3] RUN step ${i}\n#${i} 0.1 no space left on device\n#${i} ERROR: exec format error ${i}\n`;
    }
    expect(JSON.stringify(await explainLog(vertices())).length).toBeLessThan(20_000);
  });

  test.each([
    ["escape sequences", `${"\u001b[".repeat(50_000)}\n${"\u001b]0;".repeat(50_000)}`],
    ["quotes of processes", `ERROR: exec format error ${'process "'.repeat(5000)}`],
    ["holes that never end", `${"@sha256:".repeat(100_000)}\n`.repeat(20)],
    ["one group in another", "2025-05-09T10:11:12.1234567Z ##[group]Run x\n".repeat(50_000)],
    ["rawjson that is none", '{"vertexes":[{"digest":1,"name":[],"error":{}},null,7],"logs":[{"vertex":"sha256:x","data":"%%%"}],"warnings":{}}\n{"logs":[\n'],
    ["deep rawjson", `{"vertexes":${"[".repeat(200_000)}\n`],
    ["zeros", "\0".repeat(1_000_000)],
  ])("%s", async (_, log) => {
    expect((await explainLog([log])).log.bytes).toBe(log.length);
  });

  test("what is shown is short", async () => {
    const { failures: found } = await explainLog([`ERROR: ${"z".repeat(5000)} tag is needed when pushing to registry`]);
    expect(found[0]?.lines[0]?.text).toHaveLength(SHOWN_LIMIT);
  });

  const signature = fc.constantFrom(...[...failures().values()].flatMap(({ signatures }) => signatures.map(({ text }) => text)));
  const frame = fc.constantFrom(
    "##[group]Run a/b@v1",
    "with:",
    "  platforms: a",
    "##[endgroup]",
    "------",
    " > [linux/arm64 1/2] RUN x:",
    "#3 ERROR: ",
    "#3 0.1 ",
    "--------------------",
    "Dockerfile:3",
    "Post job cleanup.",
    "2025-05-09T10:11:12.1234567Z ",
    "job\tstep\t2025-05-09T10:11:12Z ",
    "##[error]",
    " => ERROR [a 1/2] ",
    "STEP 1/2: ",
    "\r",
    "\n",
    "\r\n",
    "\ufeff",
    "\u001b[31m",
  );
  test("nothing throws, and every line told is a line of the log", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(signature, frame, fc.string(), fc.constant("\n")), { maxLength: 60 }), async (parts) => {
        const log = parts.join("");
        const explanation = await explainLog([log]);
        for (const { lines, causes } of [...explanation.failures, ...explanation.notices]) {
          expect(causes.length).toBeGreaterThan(0);
          for (const { number } of lines) expect(number).toBeLessThanOrEqual(explanation.log.lines);
        }
        expect(explanation.verdict === "explained").toBe(explanation.failures.length > 0);
      }),
    );
  });

  test("bytes of any kind", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 })), async (chunks) => {
        const { log } = await explainLog(chunks);
        expect(log.bytes).toBe(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      }),
    );
  });
});
