import { expect, test } from "vitest";
import { digestOf } from "../../core/digest.ts";
import { readStatus } from "./raw-progress-status.ts";

const D = digestOf("vertex");
const NONE = { vertexes: [], statuses: [], logs: [], warnings: [] };

test.each([
  ["words of Buildx", "ERROR: no"],
  ["an empty line", ""],
  ["a line that was cut", '{"vertexes":[{"digest":"sha256:'],
  ["JSON of somebody else", '{"level":"warning"}'],
  ["a list", "[]"],
])("%s is no status", (_, line) => expect(readStatus(line)).toBeUndefined());

test.each([
  ["nothing new", "{}"],
  ["no lists", '{"vertexes":1,"statuses":{},"logs":null,"warnings":"x"}'],
  ["lists of other things", '{"vertexes":[1,null,"x",[]],"statuses":[{}],"logs":[{}],"warnings":[{}]}'],
  ["vertices without an id", '{"vertexes":[{"name":"x"},{"digest":""},{"digest":5}]}'],
])("%s is an empty status", (_, line) => expect(readStatus(line)).toEqual(NONE));

test("what is absurd is left out or cut", () => {
  const status = readStatus(
    JSON.stringify({
      vertexes: [{ digest: "no digest", name: "n".repeat(5000), started: "now", completed: 5, cached: "yes", error: "e".repeat(50_000), progressGroup: 7 }],
      statuses: [{ id: "a", vertex: D, current: -5, total: 1e300, started: "t", completed: null }],
      logs: [{ vertex: D, stream: 9, data: "not base64 §" }],
      warnings: [{ short: Buffer.from("careful").toString("base64"), range: [{ start: { line: -1 } }], sourceInfo: 4 }],
    }),
  );
  expect(status?.vertexes).toEqual([
    { digest: digestOf("no digest"), name: "n".repeat(1000), started: "now", completed: false, cached: false, error: "e".repeat(10_000), group: undefined },
  ]);
  expect(status?.statuses).toEqual([{ id: "a", vertex: D, current: 0, total: 0, started: true, completed: false }]);
  expect(status?.logs.map(({ stream }) => stream)).toEqual(["stdout"]);
  expect(status?.warnings).toEqual([{ short: "careful", file: undefined, line: undefined }]);
});
