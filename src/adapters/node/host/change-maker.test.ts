import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FixedHost, fixedHost, someChanges } from "../../../../test/harness/fixed-host.ts";
import { rejectedWith } from "../../../../test/harness/problem-of.ts";
import { ProblemError } from "../../../core/problem.ts";
import { carryOut, type Tools } from "../../../host/fix/carry-out.ts";
import type { HostFixPlan } from "../../../host/fix/change.ts";
import type { HostChanger, HostJournal } from "../../../host/fix/changer.ts";
import { undoRecord } from "../../../host/fix/take-back.ts";
import { hostChanger } from "./change-maker.ts";
import { hostJournal } from "./journal.ts";

let root: string;
let host: FixedHost;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "multihull-changes-"));
  writeFileSync(join(root, "daemon.json"), "{}\n");
  chmodSync(join(root, "daemon.json"), 0o640);
  host = fixedHost(() => readFileSync(join(root, "daemon.json"), "utf8"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const journal = () => hostJournal(join(root, "records"));
const tools = (): Tools => ({ changer: hostChanger(host.programs, host.emulators, { limitMs: 2, everyMs: 1 }), journal: journal(), nowMs: () => 1 });
const plan = (): HostFixPlan => ({ with: "containerd", changes: someChanges(root), notes: [] });
const helps = async () => undefined;
const config = (): string | undefined => (existsSync(join(root, "daemon.json")) ? readFileSync(join(root, "daemon.json"), "utf8") : undefined);

/** All that a change can have touched. */
const state = () => ({
  config: config(),
  mode: (statSync(join(root, "daemon.json"), { throwIfNoEntry: false })?.mode ?? 0) & 0o777,
  made: existsSync(join(root, "new")) ? readdirSync(join(root, "new")) : undefined,
  builders: [...host.builders],
  selected: host.selected,
  registered: [...host.registered],
  records: existsSync(join(root, "records")) ? readdirSync(join(root, "records")) : [],
});
const CHANGED = { config: "{changed}\n", mode: 0o640, made: ["made.toml"], builders: ["b"], selected: "b", registered: ["arm64"] };
const before = { config: "{}\n", mode: 0o640, made: undefined, builders: [], selected: "default", registered: [], records: [] };

describe("changes of this machine", () => {
  test("are all made, in order, and all taken back", async () => {
    const record = await carryOut(plan(), "r1", tools(), helps);
    expect(state()).toMatchObject(CHANGED);
    expect(host.starts).toEqual(["{changed}\n"]);
    expect(journal().records()).toEqual([JSON.parse(JSON.stringify(record))]);
    expect(record.complete).toBe(true);
    expect(statSync(join(root, "records")).mode & 0o777).toBe(0o700);
    const { changes } = await undoRecord(journal().records()[0] ?? record, tools());
    expect(state()).toEqual(before);
    // The daemon starts with what it had, so last.
    expect(changes.map(({ kind }) => kind)).toEqual(["select", "builder", "file", "file", "emulator", "restart"]);
    expect(host.starts).toEqual(["{changed}\n", "{}\n"]);
  });

  test.each([0, 1, 2, 3, 4, 5])("are taken back when the one at %i fails", async (index) => {
    const { changer, ...rest } = tools();
    let made = 0;
    const failing: HostChanger = {
      ...changer,
      make: async (change, signal) => {
        if (made++ === index) throw new ProblemError("host-change-failed", { message: "it did not work" });
        await changer.make(change, signal);
      },
    };
    const problem = await rejectedWith(carryOut(plan(), "r1", { changer: failing, ...rest }, helps));
    expect([problem.code, problem.facts.takenBack]).toEqual(["host-change-failed", true]);
    expect(problem.message).toBe("it did not work; all that was done was taken back");
    expect(state()).toEqual(before);
  });

  test("are taken back when they do not help", async () => {
    const problem = await rejectedWith(carryOut(plan(), "r1", tools(), async () => "Docker still has the classic image store"));
    expect(problem.message).toBe("the changes were made, but Docker still has the classic image store; all that was done was taken back");
    expect(state()).toEqual(before);
    expect(host.starts).toEqual(["{changed}\n", "{}\n"]);
  });

  test("are taken back when the run is stopped, and the reason stays", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const stopping = async () => {
      stop.abort(reason);
      stop.signal.throwIfAborted();
      return undefined;
    };
    await expect(carryOut(plan(), "r1", tools(), stopping, stop.signal)).rejects.toBe(reason);
    expect(state()).toEqual(before);
  });

  test("leave what cannot be taken back in the record, and name it", async () => {
    host.failing.set("docker buildx rm b", "ERROR: it is in use");
    const problem = await rejectedWith(carryOut(plan(), "r1", tools(), async () => "nothing came of it"));
    expect(problem.message).toBe(
      'the changes were made, but nothing came of it; of what was done this could not be taken back: "docker buildx rm b" failed: status 1: ERROR: it is in use',
    );
    expect(problem.facts.takenBack).toBe(false);
    expect(journal().records()).toMatchObject([{ complete: false, done: [{ change: { kind: "builder" } }] }]);
    host.failing.clear();
    await undoRecord(journal().records()[0]!, tools());
    expect(state()).toEqual(before);
  });

  test("do not remove a builder that somebody else made meanwhile", async () => {
    host.builders.add("b");
    const problem = await rejectedWith(carryOut(plan(), "r1", tools(), helps));
    expect(problem.message).toMatch(/^somebody has made a builder "b" meanwhile; all/);
    expect(state()).toEqual({ ...before, builders: ["b"] });
  });

  test("leave a selection alone that was made since", async () => {
    const record = await carryOut(plan(), "r1", tools(), helps);
    host.selected = "another";
    await undoRecord(record, tools());
    expect(state()).toEqual({ ...before, selected: "another" });
  });

  test("change nothing and keep nothing when the first cannot be prepared", async () => {
    writeFileSync(join(root, "daemon.json"), "{other}\n");
    const [, , file] = someChanges(root);
    const problem = await rejectedWith(carryOut({ ...plan(), changes: [file!] }, "r1", tools(), helps));
    expect(problem.code).toBe("host-changed");
    expect(config()).toBe("{other}\n");
    expect(journal().records()).toEqual([]);
  });

  test.each<[string, () => void, RegExp]>([
    ["was changed", () => writeFileSync(join(root, "daemon.json"), "{mine}\n"), /daemon\.json" has been changed since/],
    ["is gone", () => rmSync(join(root, "daemon.json")), /daemon\.json" is gone/],
    ["has another mode", () => chmodSync(join(root, "daemon.json"), 0o600), /the mode of ".*daemon\.json" has been changed since/],
    ["that was made was changed", () => writeFileSync(join(root, "new/made.toml"), "mine\n"), /made\.toml" has been changed since/],
  ])("are not taken back when a file %s", async (_name, change, message) => {
    const record = await carryOut(plan(), "r1", tools(), helps);
    change();
    const left = state();
    const problem = await rejectedWith(undoRecord(record, tools()));
    expect(problem.code).toBe("host-changed");
    expect(problem.message).toMatch(message);
    expect(problem.message).toMatch(/nothing was changed$/);
    expect(state()).toEqual(left);
  });
});

/** A changer and journal that end like a killed process: before or after the act of a count, and nothing works from then on. */
function dying(at: number, when: "before" | "after", { changer, journal: kept, ...rest }: Tools): { readonly tools: Tools; readonly acts: () => number } {
  let count = 0;
  const gone = (): boolean => count > at || (count === at && when === "before");
  const die = (): never => {
    count = at + 1;
    throw new Error("killed");
  };
  function act<A extends readonly unknown[], R>(does: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      if (gone()) return die();
      const result = does(...args);
      if (count++ !== at) return result;
      return result instanceof Promise ? (result.then(die) as R) : die();
    };
  }
  const dyingChanger: HostChanger = {
    prepare: act((change, backup) => changer.prepare(change, backup)),
    make: act((change, signal) => changer.make(change, signal)),
    differs: act((done) => changer.differs(done)),
    takeBack: act((done) => changer.takeBack(done)),
  };
  const dyingJournal: HostJournal = { ...kept, keep: act((record) => kept.keep(record)), forget: act((id) => kept.forget(id)) };
  return { tools: { changer: dyingChanger, journal: dyingJournal, ...rest }, acts: () => count };
}

describe("a run that is killed", () => {
  /** For each change: prepare, keep, make, keep; then keep. */
  const ACTS = someChanges("").length * 4 + 1;

  test("does as many acts as are counted below", async () => {
    const { tools: counting, acts } = dying(1000, "before", tools());
    await carryOut(plan(), "r1", counting, helps);
    expect(acts()).toBe(ACTS);
  });

  test.each(Array.from({ length: ACTS }, (_, at) => at).flatMap((at) => [[at, "before"] as const, [at, "after"] as const]))(
    "at its act %i, %s it, leaves what takes everything back",
    async (at, when) => {
      await expect(carryOut(plan(), "r1", dying(at, when, tools()).tools, helps)).rejects.toThrow("killed");
      const records = journal().records();
      const untouched = { ...before, records: expect.anything() };
      if (records.length === 0) expect(state()).toEqual(untouched);
      for (const record of records) await undoRecord(record, tools());
      expect({ ...state(), records: journal().records() }).toEqual(before);
      // Whoever was restarted with the change is restarted without it.
      expect(host.starts.at(-1) ?? "{}\n").toBe("{}\n");
    },
  );

  test.each(Array.from({ length: 12 }, (_, at) => at).flatMap((at) => [[at, "before"] as const, [at, "after"] as const]))(
    "while it is undone, at act %i, %s it, is undone by the next",
    async (at, when) => {
      await carryOut(plan(), "r1", tools(), helps);
      const [record] = journal().records();
      await undoRecord(record!, dying(at, when, tools()).tools).catch(() => {});
      for (const left of journal().records()) await undoRecord(left, tools());
      expect({ ...state(), records: journal().records() }).toEqual(before);
      expect(host.starts.at(-1)).toBe("{}\n");
    },
  );
});
