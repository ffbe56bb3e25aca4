import { describe, expect, test } from "vitest";
import { layersProgress } from "./progress.ts";

function shown(isTerminal: boolean, steps: readonly (readonly [ms: number, done: number, bytes: number])[]): string {
  let text = "";
  let now = 0;
  const view = layersProgress(
    (more) => {
      text += more;
    },
    isTerminal,
    () => now,
  );
  for (const [ms, done, bytes] of steps) {
    now = ms;
    view.seen({ begun: 3, done, bytes });
  }
  view.end();
  return text;
}

describe("progress of reading layers", () => {
  test.for([
    ["nothing is read, on a terminal", true, [[0, 0, 0]], ""],
    ["nothing is read, in a log", false, [[0, 0, 0]], ""],
    [
      "a log has one line",
      false,
      [
        [0, 0, 1],
        [500, 1, 5000],
      ],
      "reading layers\n",
    ],
    [
      "a terminal has one that is drawn anew, not too often, and goes",
      true,
      [
        [0, 0, 1],
        [50, 0, 2],
        [120, 1, 5000],
      ],
      "\r\u001b[Kreading layers: 0 of 3 layers done, 1 B\r\u001b[Kreading layers: 1 of 3 layers done, 5.0 kB\r\u001b[K",
    ],
  ] as const)("%s", ([, isTerminal, steps, wanted]) => {
    expect(shown(isTerminal, steps)).toBe(wanted);
  });
});
