import { expect, test } from "vitest";
import { whyKilled } from "./death.ts";

const memory = "while it ran, this machine's memory ran out and the kernel killed a process: probably this one";

test.each([
  ["memory ran out meanwhile", "SIGKILL", 3, 4, false, memory],
  ["memory ran out for somebody, and it crashed", "SIGSEGV", 3, 4, false, "the program crashed"],
  ["it was killed, and memory did not run out", "SIGKILL", 3, 3, false, undefined],
  ["it was killed where nobody counts", "SIGKILL", undefined, undefined, false, undefined],
  ["it was told to end", "SIGTERM", 3, 4, false, undefined],
  ["it crashed", "SIGILL", 3, 3, false, "the program crashed"],
  ["it crashed under emulation", "SIGSEGV", 3, 3, true, "the program, or the emulator that runs it for linux/s390x, crashed"],
  ["memory ran out under emulation", "SIGKILL", 0, 1, true, memory],
] as const)("%s", (_, signal, before, after, emulated, why) => {
  expect(whyKilled(signal, before, after, "linux/s390x", emulated)).toBe(why);
});
