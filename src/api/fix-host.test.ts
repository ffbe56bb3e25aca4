import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FixedHost, fixedHost } from "../../test/harness/fixed-host.ts";
import { HAPPY, hostWorld, infoText, toldPrograms } from "../../test/harness/host-world.ts";
import { rejectedWith } from "../../test/harness/problem-of.ts";
import { hostChanger } from "../adapters/node/host/change-maker.ts";
import { hostFiles } from "../adapters/node/host/files.ts";
import { hostJournal } from "../adapters/node/host/journal.ts";
import { nodeWorld } from "../adapters/node/world.ts";
import type { HostPorts } from "../host/read-facts.ts";
import { fixHost, type HostFixRequest } from "./fix-host.ts";

let root: string;
let host: FixedHost;
let notes: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "multihull-fix-host-"));
  writeFileSync(path(), "{}\n");
  host = fixedHost(() => (existsSync(path()) ? readFileSync(path(), "utf8") : undefined));
  notes = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const path = (): string => join(root, "daemon.json");
const config = (): string => readFileSync(path(), "utf8");
const MENDED = '{\n  "features": {\n    "containerd-snapshotter": true\n  }\n}\n';
const PID = 4_000_000_000;

interface Words {
  /** Whether the daemon takes the store that its configuration names, when it starts. */
  readonly obeys?: boolean;
  readonly running?: number;
  readonly systemd?: boolean;
}

/** A daemon whose store is what it read at its last start. */
function portsOf({ obeys = true, running = 0, systemd = true }: Words): HostPorts {
  const real = hostFiles();
  const told: Readonly<Record<string, string>> = {
    [`/proc/${PID}/cmdline`]: `/usr/bin/dockerd\0--config-file\0${path()}\0`,
    ...(systemd ? { [`/proc/${PID}/cgroup`]: "0::/system.slice/docker.service\n" } : {}),
  };
  return hostWorld(
    HAPPY,
    {},
    {
      env: { MULTIHULL_STORE: join(root, "store") },
      home: root,
      files: {
        ...real,
        list: (at) => (at === "/proc" ? [String(PID)] : real.list(at)),
        read: (at, follow) => (told[at] === undefined ? real.read(at, follow) : { kind: "text", text: told[at] }),
      },
      programs: {
        run: async (program, args, run) => {
          if (program === "systemctl")
            return args.includes("show") ? { kind: "ended", status: 0, stdout: `${PID}\n`, stderr: "" } : await host.programs.run(program, args, run);
          const isOn = obeys && host.starts.at(-1)?.includes("true") === true;
          const info = infoText({ ContainersRunning: running, ...(isOn ? { DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]] } : {}) });
          return await toldPrograms([{ when: /^info/, stdout: info }, ...HAPPY]).run(program, args, run);
        },
      },
    },
  );
}

const fix = async (request: HostFixRequest, words: Words = {}) => {
  const ports = portsOf(words);
  return await fixHost(
    { ...(request.undo === true ? {} : { with: "containerd" }), store: join(root, "store"), note: (note) => notes.push(note), ...request },
    nodeWorld(),
    { ports, changer: hostChanger(host.programs, host.emulators, { limitMs: 2, everyMs: 1 }) },
  );
};
const records = () => hostJournal(join(root, "store", "host-changes")).records();

describe("fix --host --with containerd", () => {
  test("shows, and touches nothing", async () => {
    const report = await fix({});
    expect(report).toMatchObject({ outcome: "planned", with: "containerd", record: undefined });
    expect(report.changes.map(({ kind }) => kind)).toEqual(["file", "restart"]);
    expect(readdirSync(root)).toEqual(["daemon.json"]);
    expect(config()).toBe("{}\n");
  });

  test("writes, leaves the restart to the user, and is undone byte for byte", async () => {
    const report = await fix({ write: true, restart: false });
    expect([report.outcome, config(), host.starts]).toEqual(["pending", MENDED, []]);
    expect(report.left).toHaveLength(1);
    expect(records()).toMatchObject([{ id: report.record, complete: true }]);
    const undone = await fix({ undo: true });
    expect(undone).toMatchObject({ outcome: "undone", with: "containerd", record: report.record, changes: [{ kind: "file" }], left: [] });
    expect([config(), records(), host.starts]).toEqual(["{}\n", [], []]);
    expect(await fix({ undo: true })).toMatchObject({ outcome: "nothing", with: undefined, changes: [] });
  });

  test("writes, restarts, sees that it helps, and all the way back", async () => {
    const report = await fix({ write: true });
    expect([report.outcome, report.left, config(), host.starts]).toEqual(["done", [], MENDED, [MENDED]]);
    expect(notes).toEqual([`change "${path()}"`, "restart Docker", "look whether it helps"]);
    expect(await fix({ write: true })).toMatchObject({ outcome: "nothing", notes: ["Docker 28.5.2 has the containerd image store already"] });
    const undone = await fix({ undo: true });
    expect(undone.changes.map(({ kind }) => kind)).toEqual(["file", "restart"]);
    expect([config(), records(), host.starts]).toEqual(["{}\n", [], [MENDED, "{}\n"]]);
  });

  test("takes all back when Docker keeps its store", async () => {
    const problem = await rejectedWith(fix({ write: true }, { obeys: false }));
    expect([problem.code, problem.message]).toEqual([
      "host-change-failed",
      "the changes were made, but Docker still has the classic image store; all that was done was taken back",
    ]);
    expect([config(), records(), host.starts]).toEqual(["{}\n", [], [MENDED, "{}\n"]]);
  });

  test("takes all back when Docker does not start", async () => {
    host.failing.set("systemctl --no-ask-password restart docker.service", "Job for docker.service failed");
    const problem = await rejectedWith(fix({ write: true }));
    expect(problem.message).toMatch(/Job for docker\.service failed; of what was done this could not be taken back: .*Job for docker\.service failed$/);
    expect([config(), records().length]).toEqual(["{}\n", 1]);
    host.failing.clear();
    expect((await fix({ write: true })).outcome).toBe("done");
    expect(host.starts).toEqual([MENDED]);
  });

  test.each<[string, HostFixRequest, Words, string, number]>([
    ["containers run", {}, { running: 2 }, "pending", 0],
    ["containers run, and --restart", { restart: true }, { running: 2 }, "done", 1],
    ["nobody keeps the daemon", {}, { systemd: false }, "pending", 0],
  ])("restarts only what may be: %s", async (_name, request, words, outcome, starts) => {
    expect((await fix({ write: true, ...request }, words)).outcome).toBe(outcome);
    expect([config(), host.starts.length]).toEqual([MENDED, starts]);
  });

  test("undoes without a restart when containers run, and tells how", async () => {
    await fix({ write: true });
    const undone = await fix({ undo: true }, { running: 1 });
    expect([undone.outcome, config(), host.starts]).toEqual(["undone", "{}\n", [MENDED]]);
    expect(undone.left).toEqual([
      "when its running container may stop: sudo systemctl --no-ask-password restart docker.service (--restart lets multihull do it)",
    ]);
  });

  test("says that there is nothing to do where the store is containerd's", async () => {
    host.starts.push("true");
    expect(await fix({ write: true })).toMatchObject({ outcome: "nothing", changes: [], left: [] });
    expect([config(), records()]).toEqual(["{}\n", []]);
  });

  test("takes back first what a killed run left, and says so; showing only says so", async () => {
    await fix({ write: true, restart: false });
    const [record] = records();
    hostJournal(join(root, "store", "host-changes")).keep({ ...record!, complete: false });
    expect((await fix({})).notes[0]).toMatch(/^an earlier run ended before it was through/);
    expect(config()).toBe(MENDED);
    const report = await fix({ write: true, restart: false });
    expect(report.notes[0]).toBe("an earlier run had ended before it was through: what it did was taken back first");
    expect(config()).toBe(MENDED);
    expect(records().map(({ id }) => id)).toEqual([report.record]);
  });

  test("leaves a read-only file alone, whoever asks", async () => {
    chmodSync(path(), 0o444);
    expect((await rejectedWith(fix({ write: true }))).message).toBe(`"${path()}" cannot be changed: it is read-only`);
    expect([config(), records()]).toEqual(["{}\n", []]);
  });

  test("undoes the newest alone", async () => {
    await fix({ write: true, restart: false });
    writeFileSync(path(), '{"features":{"containerd-snapshotter":false}}');
    const second = await fix({ write: true, restart: false });
    expect((await fix({ undo: true })).record).toBe(second.record);
    expect(config()).toBe('{"features":{"containerd-snapshotter":false}}');
    // What the first wrote is gone by another's hand.
    expect((await rejectedWith(fix({ undo: true }))).code).toBe("host-changed");
    expect(config()).toBe('{"features":{"containerd-snapshotter":false}}');
  });

  test.each<[string, HostFixRequest, RegExp]>([
    ["no way", { with: undefined }, /two ways out/],
    ["an undo that writes", { undo: true, write: true }, /asked for alone/],
    ["an undo with a way", { undo: true, with: "buildx" }, /asked for alone/],
    ["a builder with a restart", { with: "buildx", restart: true }, /changes nothing of Docker's configuration/],
    ["a store with a builder's name", { name: "b" }, /none is made/],
    ["a store with registries", { insecureRegistries: ["localhost:5000"] }, /none is made/],
  ])("refuses %s", async (_name, request, message) => {
    const problem = await rejectedWith(fix(request));
    expect(problem.code).toBe("usage");
    expect(problem.message).toMatch(message);
    expect(readdirSync(root)).toEqual(["daemon.json"]);
  });
});
