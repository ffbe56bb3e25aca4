import { describe, expect, test } from "vitest";
import { failures } from "../facts/failures.ts";
import { TELLINGS } from "./causes/tellings.ts";
import { explainLog } from "./explain-log.ts";

/** What stands in the holes of signatures. */
const WITHIN: Readonly<Record<string, string>> = { platform: "linux/foo", before: "", after: "", program: "/app", path: "app-arm64", shell: "/bin/" };

/** Those that take more than one line to be told: something else in the log has to speak for them. */
const NEEDS_MORE = new Set([
  "annotation-shows-last-line-only",
  "digest-artifact-pattern-prefix",
  "fork-pr-cache-write",
  "kaniko-multi-arch",
  "qemu-cargo-oom",
  "release-differs-from-ci",
]);

const named = [...failures().values()].flatMap(({ id, signatures }) =>
  signatures.filter(({ weight }) => weight !== "mentions").map(({ text }) => [id, text] as const),
);

describe("each signature alone", () => {
  test.each(named.filter(([id]) => !NEEDS_MORE.has(id)))("%s: %s", async (id, text) => {
    const line = `ERROR: ${text.replace(/\{(\w+)\}/g, (_, name: string) => WITHIN[name] ?? "x")}`;
    const { failures: found } = await explainLog([`${line}\n`]);
    expect(found.flatMap(({ causes }) => causes.map((cause) => cause.id))).toContain(id);
    expect(found[0]?.lines).toEqual([{ number: 1, text: line }]);
  });
});

test("failures that share a signature can be told apart", () => {
  const sharing = new Map<string, string[]>();
  for (const [id, text] of named) sharing.set(text, [...(sharing.get(text) ?? []), id]);
  const untold = [...sharing.values()].filter((ids) => ids.length > 1).flatMap((ids) => ids.filter((id) => TELLINGS[id] === undefined));
  expect([...new Set(untold)]).toEqual([]);
});

test("what is told apart is in the catalogue", () => {
  expect(Object.keys(TELLINGS).filter((id) => !failures().has(id))).toEqual([]);
});
