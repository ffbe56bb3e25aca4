import { describe, expect, test } from "vitest";
import { ofKind, planOf } from "../../../test/harness/plan-of.ts";
import type { RunVertex } from "../../plan/graph.ts";
import { lastLines, runFailure } from "./run-failure.ts";

const runOf = async (line: string, platform = "linux/arm64"): Promise<RunVertex> =>
  ofKind(await planOf(["FROM debian:12", ...line.split("\n")], { platforms: [platform] }), "run")[0] as RunVertex;

describe("a program that failed", () => {
  const CASES: readonly (readonly [name: string, line: string, end: Parameters<typeof runFailure>[1], message: string])[] = [
    ["by a status", "RUN make", { exitCode: 2 }, '"/bin/sh -c make" ended with status 2 (linux/arm64)'],
    ["by a signal", 'RUN ["a", "b"]', { exitCode: 137, signal: "SIGKILL" }, '"a b" was ended by SIGKILL (linux/arm64)'],
    [
      "for a reason that is known",
      "RUN make",
      { exitCode: 139, signal: "SIGSEGV", why: "the emulator crashed" },
      '"/bin/sh -c make" was ended by SIGSEGV (linux/arm64): the emulator crashed',
    ],
    ["as a script", "RUN <<EOF\nset -e\nfalse\nEOF", { exitCode: 1 }, '"/bin/sh -c set -e…" ended with status 1 (linux/arm64)'],
    ["as a long command", `RUN ${"x".repeat(200)}`, { exitCode: 1 }, `"/bin/sh -c ${"x".repeat(109)}…" ended with status 1 (linux/arm64)`],
  ];
  test.each(CASES)("%s", async (_, line, end, message) => expect(runFailure(await runOf(line), end, []).message).toBe(message));

  test("tells its facts", async () => {
    const problem = runFailure(await runOf("RUN make"), { exitCode: 2 }, ["a", "b"]);
    expect(problem.code).toBe("run-failed");
    expect(problem.facts).toEqual({ platform: "linux/arm64", command: "/bin/sh -c make", exitCode: 2, output: "a\nb" });
    expect(runFailure(await runOf("RUN make"), { exitCode: 2, signal: "SIGHUP" }, []).facts).toMatchObject({ signal: "SIGHUP" });
  });
});

describe("what may help when it", () => {
  const CASES: readonly (readonly [name: string, line: string, exitCode: number, output: string, hint: RegExp | undefined])[] = [
    ["says all itself", "RUN make", 2, "make: *** [all] Error 1", undefined],
    ["calls what dash does not find", "RUN x", 127, "/bin/sh: 1: gcc: not found", /^"gcc" is not in the image/],
    ["calls what busybox does not find", "RUN x", 127, "/bin/sh: gcc: not found", /^"gcc" is not in the image/],
    ["calls what bash does not find", "RUN x", 127, "bash: line 1: gcc: command not found", /^"gcc" is not in the image/],
    ["calls what nobody names", "RUN x", 127, "", /its interpreter or loader is not/],
    ["calls what cannot be run", "RUN x", 126, "/bin/sh: ./x: Permission denied", /executable bit \(chmod \+x\) and is for linux\/arm64$/],
    ["has a program for elsewhere", "RUN x", 126, "/bin/sh: 1: ./x: Exec format error", /^a program of the step is for another platform than linux\/arm64/],
    ["was killed", "RUN x", 137, "Killed", /^memory may have run out/],
    [
      "crashed QEMU",
      "RUN x",
      139,
      "qemu: uncaught target signal 11 (Segmentation fault) - core dumped",
      /^QEMU, which emulates linux\/arm64, crashed with signal 11/,
    ],
    ["used an instruction that is not there", "RUN x", 132, "Illegal instruction", /^a program used an instruction/],
    ["filled a disk", "RUN x", 1, "cp: write error: No space left on device", /^a disk is full/],
    ["wants a network that it has not", "RUN --network=none x", 1, "Temporary failure resolving 'deb.debian.org'", /--network=none$/],
    ["wants a network", "RUN x", 1, "Temporary failure resolving 'deb.debian.org'", undefined],
  ];
  test.each(CASES)("%s", async (_, line, exitCode, output, hint) => {
    const told = runFailure(await runOf(line), { exitCode }, output === "" ? [] : ["before", output]).hint;
    if (hint === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(hint);
  });

  test("crashed the emulator, as the sandbox knows", async () => {
    const end = { exitCode: 139, signal: "SIGSEGV", why: "QEMU, which runs linux/arm64 here, crashed" };
    expect(runFailure(await runOf("RUN x"), end, []).hint).toMatch(/^QEMU, which emulates linux\/arm64, crashed: try another/);
  });
});

describe("the last lines", () => {
  const CASES: readonly (readonly [name: string, chunks: readonly (string | readonly ["stdout" | "stderr", string])[], lines: readonly string[]])[] = [
    ["are as many as asked for", ["a\nb\nc\nd\n"], ["b", "c", "d"]],
    ["may come in pieces", ["a", "b\nc", "d\n"], ["ab", "cd"]],
    ["may lack an end", ["a\nb"], ["a", "b"]],
    ["may be empty", ["a\n\nb\n"], ["a", "", "b"]],
    [
      "of both streams do not mix",
      [
        ["stdout", "a"],
        ["stderr", "b\n"],
        ["stdout", "c\n"],
      ],
      ["b", "ac"],
    ],
    ["are what was left of a progress bar", ["10%\r20%\r100%\r\ndone\r\n"], ["100%", "done"]],
    ["have no colours, titles and bells", ["\u001b[1;31mred\u001b[0m\u001b]0;title\u0007!\u0007\u0000\n"], ["red!"]],
    ["may have letters that come in pieces", [Buffer.from("é\n").toString("latin1").slice(0, 1), Buffer.from("é\n").toString("latin1").slice(1)], ["é"]],
  ];
  test.each(CASES)("%s", (_, chunks, lines) => {
    const last = lastLines(3);
    for (const chunk of chunks) {
      const [stream, text] = typeof chunk === "string" ? (["stdout", chunk] as const) : chunk;
      last.add(Buffer.from(text, "latin1"), stream);
    }
    expect(last.lines()).toEqual(lines);
  });

  test("hold little, however long a line is", () => {
    const last = lastLines(2);
    for (let i = 0; i < 100; i++) last.add(Buffer.alloc(100_000, "x"));
    last.add(Buffer.from("end"));
    expect(last.lines().map((line) => [line.length, line.slice(-4)])).toEqual([[2000, "xend"]]);
  });
});
