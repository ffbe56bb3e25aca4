import { describe, expect, test } from "vitest";
import { hostFacts, type MachineWords, untold } from "../../../test/harness/host-facts.ts";
import { toldFiles } from "../../../test/harness/host-world.ts";
import { rejectedWith } from "../../../test/harness/problem-of.ts";
import type { FileAnswer, HostPrograms, ProgramAnswer } from "../ports.ts";
import type { HostChange } from "./change.ts";
import { type ContainerdAsk, type ContainerdPorts, planContainerdRemedy } from "./containerd-remedy.ts";

const PATH = "/etc/docker/daemon.json";
const ON = '{"features":{"containerd-snapshotter":true}}';

interface Machine extends MachineWords {
  readonly config?: string | FileAnswer;
  readonly cmdline?: string;
  readonly systemd?: boolean;
  readonly readOnly?: boolean;
  /** Of the file alone. */
  readonly marked?: boolean;
  /** What `dockerd --validate` says of a text. */
  readonly dockerd?: (text: string) => ProgramAnswer;
}

const plan = async (machine: Machine = {}, ask: ContainerdAsk = {}) =>
  await planContainerdRemedy(hostFacts({ ...machine, daemon: { pid: 7, ...machine.daemon } }), ask, portsOf(machine));

function portsOf({ config, cmdline = "", systemd = false, readOnly = false, marked = false, dockerd }: Machine): ContainerdPorts {
  const told = toldFiles({
    "/etc/docker": "",
    "/proc/7/cmdline": `dockerd\0${cmdline}`,
    ...(systemd ? { "/proc/7/cgroup": "0::/system.slice/docker.service\n" } : {}),
    ...(typeof config === "string" ? { [PATH]: config } : {}),
  });
  let scratch = "";
  const programs: HostPrograms = {
    run: async (program) => {
      if (program === "systemctl") return { kind: "ended", status: 0, stdout: "7\n", stderr: "" };
      return program === "dockerd" && dockerd !== undefined ? dockerd(scratch) : { kind: "missing" };
    },
  };
  return {
    files: { ...told, read: (path, follow) => (path === PATH && typeof config === "object" ? config : told.read(path, follow)), writable: () => !readOnly },
    programs,
    isReadOnly: () => marked,
    withScratchFile: async (text, act) => {
      scratch = text;
      return await act("/tmp/scratch");
    },
  };
}

const kinds = (changes: readonly HostChange[]): readonly string[] => changes.map(({ kind }) => kind);
const restartOf = (changes: readonly HostChange[]) => changes.find((change): change is Extract<HostChange, { kind: "restart" }> => change.kind === "restart");

describe("the containerd remedy", () => {
  test("changes the file that Docker reads, then restarts it", async () => {
    const { changes, notes } = await plan({ config: '{"debug":true}', systemd: true, daemon: { images: 3 } });
    expect(changes).toEqual([
      { kind: "file", path: PATH, before: '{"debug":true}', after: '{"debug":true,"features":{"containerd-snapshotter":true}}', about: expect.any(String) },
      { kind: "restart", command: ["systemctl", "--no-ask-password", "restart", "docker.service"], byHand: expect.any(String), about: expect.any(String) },
    ]);
    expect(notes.join("\n")).toMatch(/\(3 images\) are not shown any more; they stay on the disk/);
  });
  test("makes the file where there is none", async () => {
    const [file] = (await plan()).changes;
    expect(file).toMatchObject({ kind: "file", before: undefined, after: '{\n  "features": {\n    "containerd-snapshotter": true\n  }\n}\n' });
  });
  test("changes nothing where the store is containerd's already", async () => {
    expect(await plan({ daemon: { store: "containerd" }, config: "not looked at" })).toEqual({
      with: "containerd",
      changes: [],
      notes: ["Docker 28.5.2 has the containerd image store already"],
    });
  });
  test("only restarts where the file says it already", async () => {
    const { changes, notes } = await plan({ config: ON, systemd: true });
    expect(kinds(changes)).toEqual(["restart"]);
    expect(notes[0]).toBe(`"${PATH}" turns on the containerd image store already: Docker has not been started with it yet`);
  });
  test("takes the file that is named, and says when Docker reads another", async () => {
    const { changes, notes } = await plan({}, { daemonConfig: "/elsewhere.json" });
    expect(changes[0]).toMatchObject({ path: "/elsewhere.json" });
    expect(notes[0]).toBe(`Docker reads "${PATH}" (the test), not "/elsewhere.json"`);
  });
  test("does not wonder about the target of a link that Docker reads", async () => {
    const { notes } = await plan({ config: { kind: "symlink", linkTo: "/elsewhere.json" } }, { daemonConfig: "/elsewhere.json" });
    expect(notes.join()).not.toContain("Docker reads");
  });

  test.each([
    ["no container runs", 0, {}, true],
    ["containers run", 2, {}, false],
    ["containers run, and it is asked for", 2, { restart: true }, true],
    ["it is left to the user", 0, { restart: false }, false],
  ])("restarts or tells how: %s", async (_name, containersRunning, ask, restarts) => {
    const { changes, notes } = await plan({ systemd: true, daemon: { containersRunning } }, ask);
    const restart = restartOf(changes);
    expect(restart?.command !== undefined).toBe(restarts);
    expect(restart?.byHand).toContain("sudo systemctl --no-ask-password restart docker.service");
    expect(notes.some((note) => note.startsWith("2 running containers stop at the restart"))).toBe(containersRunning > 0);
  });
  test("tells that containers which live-restore keeps are lost to Docker", async () => {
    const { notes } = await plan({ daemon: { containersRunning: 1, liveRestore: true } });
    expect(notes.join("\n")).toContain("1 running container goes on running through the restart (live-restore), but Docker does not know it any more");
  });

  test.each([
    [
      "turned off",
      '{"features":{"containerd-snapshotter":false}}',
      `Docker 29.0.1 would have the containerd image store by itself, but "${PATH}" turns it off`,
    ],
    [
      "kept for its data",
      "{}",
      "Docker 29.0.1 keeps the classic image store because its data folder holds images or containers of it; the configuration overrules that",
    ],
  ])("tells the cause in Docker 29: %s", async (_name, config, cause) => {
    expect((await plan({ daemon: { version: "29.0.1" }, config })).notes[0]).toBe(cause);
  });

  test.each([
    ["Docker Desktop", /in Docker Desktop: Settings, General/],
    ["Colima", /^colima start --edit/],
    ["OrbStack", /Advanced engine config/],
    ["Something Else", /^turn on the containerd image store in the settings of Something Else$/],
  ])("only advises where the configuration is a product's: %s", async (product, act) => {
    const { changes } = await plan({ daemon: { product, pid: undefined, configFile: untold("it is elsewhere", "look there") }, config: "{//" });
    expect(kinds(changes)).toEqual(["restart"]);
    expect(restartOf(changes)).toMatchObject({ command: undefined, byHand: expect.stringMatching(act) });
  });

  test.each<[string, Machine, string, RegExp, RegExp]>([
    ["a daemon of Windows", { daemon: { os: "windows" } }, "engine-unsuitable", /containers of windows/, /Linux containers/],
    [
      "an old daemon",
      { daemon: { version: "20.10.24" } },
      "engine-unsuitable",
      /^Docker 20\.10\.24 has no .*; Docker 24\.0\.0 is the first/,
      /update Docker Engine, or .*--with buildx/,
    ],
    ["Podman", { daemon: { product: "Podman" } }, "engine-unsuitable", /Podman/, /--with buildx/],
    [
      "a daemon behind ssh",
      { daemon: { pid: undefined }, endpoint: { address: "ssh://me:pw@far" } },
      "daemon-config-invalid",
      /^the Docker daemon at "ssh:\/\/far" runs on another machine/,
      /run this there/,
    ],
    [
      "a daemon behind tcp",
      { daemon: { pid: undefined }, endpoint: { address: "tcp://10.0.0.1:2376" } },
      "daemon-config-invalid",
      /another machine/,
      /run this there/,
    ],
    [
      "an unknown file",
      { daemon: { configFile: untold("its process is not seen", "run as root") } },
      "daemon-config-invalid",
      /its process is not seen/,
      /--daemon-config FILE/,
    ],
    [
      "a link",
      { config: { kind: "symlink", linkTo: "/nix/store/x.json" } },
      "daemon-config-invalid",
      /it is a link to "\/nix\/store\/x\.json"/,
      /--daemon-config "\/nix\/store\/x\.json"/,
    ],
    [
      "a folder",
      { config: { kind: "unreadable", why: "it is no regular file" } },
      "daemon-config-invalid",
      /it is no regular file/,
      /put a regular file in its place/,
    ],
    [
      "a file that may not be read",
      { config: { kind: "unreadable", why: "you have no right to read it" } },
      "daemon-config-invalid",
      /no right to read/,
      /sudo/,
    ],
    [
      "a place that may not be written",
      { config: "{}", readOnly: true },
      "daemon-config-invalid",
      /no right to replace it, or its file system is read-only/,
      /sudo/,
    ],
    ["a file that is marked as read-only", { config: "{}", marked: true }, "daemon-config-invalid", /it is read-only$/, /^make it writable: chmod u\+w/],
    ["a comment", { config: "{} // x" }, "daemon-config-invalid", /a comment, which Docker refuses/, /remove it/],
    ["userns-remap", { config: '{"userns-remap":"default"}' }, "daemon-config-invalid", /together with "userns-remap"$/, /--with buildx/],
    [
      "userns-remap of the command line",
      { cmdline: "--userns-remap=default\0" },
      "daemon-config-invalid",
      /"userns-remap", which its command line sets/,
      /--with buildx/,
    ],
    [
      "a storage driver",
      { config: '{"storage-driver":"overlay2"}' },
      "daemon-config-invalid",
      /it sets the storage driver "overlay2"/,
      /remove "storage-driver"/,
    ],
    [
      "a storage driver of the command line",
      { cmdline: "-s\0overlay2\0" },
      "daemon-config-invalid",
      /Docker's command line sets the storage driver "overlay2"/,
      /without --storage-driver/,
    ],
    [
      "features of the command line",
      { cmdline: "--feature\0buildkit\0" },
      "daemon-config-invalid",
      /sets features \(--feature\)/,
      /--feature containerd-snapshotter=true/,
    ],
  ])("refuses %s", async (_name, machine, code, message, hint) => {
    const problem = await rejectedWith(plan(machine));
    expect(problem.code).toBe(code);
    expect(problem.message).toMatch(message);
    expect(problem.hint).toMatch(hint);
    expect(problem.message + problem.hint).not.toContain("pw");
  });
  test("refuses where no daemon answers, with its reason", async () => {
    const facts = hostFacts({}, { daemon: untold("nobody listens", "start Docker") });
    const problem = await rejectedWith(planContainerdRemedy(facts, {}, portsOf({})));
    expect([problem.code, problem.message, problem.hint]).toEqual(["docker-unavailable", "nobody listens", "start Docker"]);
  });
  test.each(["btrfs", "zfs"])("takes the storage driver %s, which containerd has, too", async (driver) => {
    expect(kinds((await plan({ config: `{"storage-driver":"${driver}"}` })).changes)).toEqual(["file", "restart"]);
  });

  const refusing = (like: RegExp) => (text: string) =>
    like.test(text)
      ? ({ kind: "ended", status: 1, stdout: "", stderr: "unable to configure the Docker daemon with file /tmp/scratch: unknown thing\n" } as const)
      : ({ kind: "ended", status: 0, stdout: "", stderr: "configuration OK\n" } as const);
  test.each([
    ["as it is", /^\{"x":1\}$/],
    ["as it would be", /snapshotter/],
  ])("refuses a file with which Docker would not start %s", async (which, like) => {
    const problem = await rejectedWith(plan({ config: '{"x":1}', dockerd: refusing(like) }));
    expect(problem.message).toBe(`Docker would not start with "${PATH}" ${which}: unknown thing`);
  });
  test("does not take other complaints of dockerd for a word about the file", async () => {
    const dockerd = (): ProgramAnswer => ({ kind: "ended", status: 1, stdout: "", stderr: "dockerd needs to be started with root privileges\n" });
    expect(kinds((await plan({ config: "{}", dockerd })).changes)).toEqual(["file", "restart"]);
  });
  test("lets no dockerd look at a file with userns-remap, because it would make users", async () => {
    let asked = 0;
    const dockerd = (): ProgramAnswer => {
      asked++;
      return { kind: "missing" };
    };
    await rejectedWith(plan({ config: '{"userns-remap":"default"}', dockerd }));
    expect(asked).toBe(0);
  });
});
