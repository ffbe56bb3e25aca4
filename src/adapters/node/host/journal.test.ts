import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { someChanges } from "../../../../test/harness/fixed-host.ts";
import { problemOf } from "../../../../test/harness/problem-of.ts";
import type { HostFixRecord } from "../../../host/fix/change.ts";
import { hostJournal } from "./journal.ts";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "multihull-journal-")), "host-changes");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

const record = (id: string): HostFixRecord => ({
  version: 1,
  id,
  with: "buildx",
  complete: true,
  done: someChanges("/x").map((change) => ({ change, state: "made", atMs: 5, mode: 0o644 })),
});

test("gives the records back in the order of their time, each until it is forgotten", () => {
  const journal = hostJournal(folder);
  expect(journal.records()).toEqual([]);
  journal.keep(record("2026B"));
  journal.keep(record("2026A"));
  writeFileSync(journal.backupPath("2026A", 2), "{}");
  expect(journal.records().map(({ id }) => id)).toEqual(["2026A", "2026B"]);
  expect(journal.records()[1]).toEqual(JSON.parse(JSON.stringify(record("2026B"))));
  journal.forget("2026A");
  expect(
    hostJournal(folder)
      .records()
      .map(({ id }) => id),
  ).toEqual(["2026B"]);
});

test.each([
  ["no JSON", "{"],
  ["another version", JSON.stringify({ ...record("x"), version: 2 })],
  ["a change of no kind", JSON.stringify({ ...record("x"), done: [{ change: { kind: "shell", about: "" }, state: "made", atMs: 1 }] })],
  [
    "a command that is a text",
    JSON.stringify({ ...record("x"), done: [{ change: { kind: "restart", byHand: "", about: "", command: "rm -rf /" }, state: "made", atMs: 1 }] }),
  ],
  ["a state of no kind", JSON.stringify({ ...record("x"), done: [{ change: someChanges("/x")[0], state: "planned", atMs: 1 }] })],
])("refuses a record that is %s", (_name, text) => {
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, "x.json"), text);
  expect(problemOf(() => hostJournal(folder).records())).toMatchObject({ code: "store-damaged", message: expect.stringMatching(/x\.json" is no record/) });
});

test("runs nothing that others may have written", () => {
  hostJournal(folder).keep(record("x"));
  chmodSync(folder, 0o777);
  expect(problemOf(() => hostJournal(folder).records())).toMatchObject({ code: "store-unusable", message: expect.stringMatching(/others may write to it/) });
});
