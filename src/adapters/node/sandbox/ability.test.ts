import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { formatPlatform, parsePlatform } from "../../../core/platform.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { SandboxAbility } from "../../../engine/sandbox.ts";
import { type AbilityPorts, emulatorsOf, sandboxAbility, type TriedWorld } from "./ability.ts";
import { type HostRegistration, parseRegistration, registrationFor } from "./binfmt-host.ts";
import { headOf, MACHINES } from "./binfmt-table.ts";
import type { Emulator } from "./emulators/emulator.ts";
import { PROBE_STATUS, probeFor } from "./probe.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ability-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A machine in few words. */
interface Machine {
  /** Architectures that the processor runs. Default: amd64. */
  readonly runs?: readonly string[];
  /** Those that the machine has registered, with their flags. */
  readonly registered?: Readonly<Record<string, string>>;
  /** Emulators that were found. */
  readonly found?: readonly string[];
  /** Emulators that crash. */
  readonly broken?: readonly string[];
  readonly world?: TriedWorld["world"];
  /** What the kernel says to a registration of our own. */
  readonly refuses?: string;
  readonly none?: boolean;
}

const emulator = (architecture: string, stamp = "1"): Emulator => ({ architecture, path: `/q/${architecture}`, stamp, source: "on PATH" });

function registrationOf([architecture, flags]: readonly [string, string]): HostRegistration {
  const { magic, mask } = headOf(MACHINES[architecture] as NonNullable<(typeof MACHINES)[string]>);
  const text = `enabled\ninterpreter /host/${architecture}\nflags: ${flags}\noffset 0\nmagic ${magic.toString("hex")}\nmask ${mask.toString("hex")}\n`;
  return parseRegistration(`qemu-${architecture}`, text) as HostRegistration;
}

/** The machine as ports, and which emulators were registered each time it was entered. */
function portsOf(machine: Machine): { readonly ports: AbilityPorts; readonly entered: string[][]; readonly closed: () => number } {
  const { runs = ["amd64"], registered = {}, found = [], broken = [], world = "root" } = machine;
  const registrations = Object.entries(registered).map(registrationOf);
  const probes = new Map(Object.keys(MACHINES).map((architecture) => [architecture, probeFor({ os: "linux", architecture }) as Uint8Array]));
  const entered: string[][] = [];
  let closed = 0;
  const architectureOf = (program: Uint8Array): string =>
    [...probes].find(([, probe]) => Buffer.compare(probe.subarray(0, 20), program.subarray(0, 20)) === 0)?.[0] ?? "";
  return {
    entered,
    closed: () => closed,
    ports: {
      folder,
      machine: "amd64",
      emulators: found.map((architecture) => emulator(architecture)),
      probeHere: (program) => (runs.includes(architectureOf(program)) ? { exitCode: PROBE_STATUS } : { code: "ENOEXEC" }),
      registrations: () => registrations,
      enter: async (emulators) => {
        entered.push(emulators.map(({ architecture }) => architecture));
        if (machine.none) throw new ProblemError("sandbox-unavailable", { message: "tried everything", hint: "sudo\nsysctl" });
        const own = emulators.length > 0 && machine.refuses === undefined && world !== "chroot";
        return {
          world,
          why: "a world",
          notes: ["costs"],
          snapshots: "overlay",
          ...(emulators.length > 0 && machine.refuses !== undefined ? { refused: machine.refuses } : {}),
          tryProgram: async (name, program) => {
            if (!/^[a-z0-9-]+$/.test(name)) throw new Error(name);
            const architecture = architectureOf(program);
            const emulated = own
              ? emulators.some((one) => one.architecture === architecture) && !broken.includes(architecture)
              : registrationFor(program, registrations)?.flags.includes("F") === true;
            return runs.includes(architecture) || emulated ? { exitCode: PROBE_STATUS } : { code: broken.includes(architecture) ? "SIGSEGV" : "ENOEXEC" };
          },
          close: async () => void closed++,
        };
      },
    },
  };
}

const platformsOf = (list: string): ReturnType<typeof parsePlatform>[] => list.split(" ").map((text) => parsePlatform(text));
const told = (ability: SandboxAbility): string[] =>
  ability.platforms.map(({ platform, how, registration }) => `${formatPlatform(platform)} ${how}${registration === undefined ? "" : ` ${registration}`}`);

describe("what a machine can run", () => {
  type Case = [name: string, machine: Machine, asked: string, verdicts: readonly string[], entered: readonly (readonly string[])[], why?: RegExp];
  test.each<Case>([
    ["its own, without any emulator", {}, "linux/amd64", ["linux/amd64 native"], [[]]],
    ["what its processor runs besides", { runs: ["amd64", "386"] }, "linux/386", ["linux/386 native"], [[]]],
    ["not what its processor could run but does not", {}, "linux/386", ["linux/386 impossible"], [[]], /no static qemu-i386 was found/],
    [
      "the others by an emulator that was found, tried in the first world that is entered",
      { found: ["arm64", "arm", "s390x"] },
      "linux/amd64 linux/arm64 linux/arm/v7",
      ["linux/amd64 native", "linux/arm64 emulated own", "linux/arm/v7 emulated own"],
      [["arm64", "arm"]],
    ],
    ["one emulator for two variants", { found: ["arm"] }, "linux/arm/v6 linux/arm/v7", ["linux/arm/v6 emulated own", "linux/arm/v7 emulated own"], [["arm"]]],
    ["by the machine's registration where no emulator was found", { registered: { arm64: "PF" } }, "linux/arm64", ["linux/arm64 emulated host"], [[]]],
    ["by ours, where there are both", { registered: { arm64: "PF" }, found: ["arm64"] }, "linux/arm64", ["linux/arm64 emulated own"], [["arm64"]]],
    [
      "by the machine's, where the kernel has none of a namespace's own",
      { registered: { arm64: "PF" }, found: ["arm64"], refuses: "EPERM" },
      "linux/arm64",
      ["linux/arm64 emulated host"],
      [["arm64"], []],
    ],
    [
      "not where the kernel refuses and the machine has none",
      { found: ["arm64"], refuses: "the kernel refuses (EPERM)" },
      "linux/arm64",
      ["linux/arm64 impossible"],
      [["arm64"], []],
      /"\/q\/arm64".*cannot be registered: the kernel refuses \(EPERM\)/,
    ],
    ["not by a registration that a stage's files hide", { registered: { s390x: "P" } }, "linux/s390x", ["linux/s390x impossible"], [[]], /lacks the flag F/],
    [
      "by the machine's, where that serves more, and says why not the rest",
      { registered: { arm64: "F", arm: "F" }, found: ["s390x"] },
      "linux/arm64 linux/arm/v7 linux/s390x",
      ["linux/arm64 emulated host", "linux/arm/v7 emulated host", "linux/s390x impossible"],
      [["s390x"], []],
      /cannot be used beside the machine's own registration/,
    ],
    [
      "by ours, where that serves more, and says why not the rest",
      { registered: { arm64: "F" }, found: ["s390x", "riscv64"] },
      "linux/arm64 linux/riscv64 linux/s390x",
      ["linux/arm64 impossible", "linux/riscv64 emulated own", "linux/s390x emulated own"],
      [["riscv64", "s390x"], []],
      /"qemu-arm64" runs it, but cannot be used beside our own/,
    ],
    [
      "not by an emulator that crashes",
      { found: ["arm64"], broken: ["arm64"] },
      "linux/arm64",
      ["linux/arm64 impossible"],
      [["arm64"], []],
      /does not run a test program/,
    ],
    [
      "by chroot only what the machine has registered",
      { world: "chroot", found: ["arm64"] },
      "linux/arm64",
      ["linux/arm64 impossible"],
      [["arm64"], []],
      /cannot be registered: chroot/,
    ],
    [
      "not what nobody knows",
      {},
      "linux/amd64 linux/mips64le windows/amd64",
      ["linux/amd64 native", "linux/mips64le impossible", "windows/amd64 impossible"],
      [[]],
      /not known here/,
    ],
  ])("%s", async (_name, machine, asked, verdicts, expected, why) => {
    const { ports, entered, closed } = portsOf(machine);
    const ability = await sandboxAbility(platformsOf(asked), ports);
    expect(told(ability)).toEqual(verdicts);
    expect(entered.map((list) => [...list].sort())).toEqual(expected.map((list) => [...list].sort()));
    expect(closed()).toBe(entered.length);
    if (why !== undefined) expect(ability.platforms.find(({ how }) => how === "impossible")?.why).toMatch(why);
    const registered = ability.platforms.filter(({ registration }) => registration === "own").map(({ platform }) => platform.architecture);
    expect(
      emulatorsOf(ability, ports.emulators)
        .map(({ architecture }) => architecture)
        .sort(),
    ).toEqual([...new Set(registered)].sort());
  });

  test("where no world can be entered nothing, with the sentence and the ways out", async () => {
    const { ports } = portsOf({ none: true });
    const ability = await sandboxAbility(platformsOf("linux/amd64"), ports);
    expect(ability).toMatchObject({ world: "none", why: "tried everything", notes: ["sudo", "sysctl"], platforms: [{ how: "impossible" }] });
  });
  test("a failure that is not about worlds comes through", async () => {
    const { ports } = portsOf({});
    const enter = (): never => {
      throw new ProblemError("disk-full", { message: "no room" });
    };
    await expect(sandboxAbility(platformsOf("linux/amd64"), { ...ports, enter })).rejects.toMatchObject({ code: "disk-full" });
  });
});

describe.skipIf(process.platform !== "linux")("what was found (needs Linux)", () => {
  test("is remembered, in the order that is asked for then, and starts nothing", async () => {
    const { ports, entered } = portsOf({ found: ["arm64"] });
    await sandboxAbility(platformsOf("linux/amd64 linux/arm64"), ports);
    const again = await sandboxAbility(platformsOf("linux/arm64 linux/amd64"), { ...ports, probeHere: () => expect.unreachable() });
    expect(told(again)).toEqual(["linux/arm64 emulated own", "linux/amd64 native"]);
    expect(entered).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(["ability.json"]);
  });
  test.each<[string, Machine, (ports: AbilityPorts) => Parameters<typeof sandboxAbility>]>([
    ["other platforms are asked for", {}, (ports) => [platformsOf("linux/amd64 linux/arm64"), ports]],
    ["an emulator has changed", { found: ["arm64"] }, (ports) => [platformsOf("linux/amd64"), { ...ports, emulators: [emulator("arm64", "2")] }]],
    ["an emulator is gone", { found: ["arm64"] }, (ports) => [platformsOf("linux/amd64"), { ...ports, emulators: [] }]],
    ["no memory is to be asked", {}, (ports) => [platformsOf("linux/amd64"), ports, false]],
  ])("is tried anew when %s", async (_name, machine, again) => {
    const { ports, entered } = portsOf(machine);
    await sandboxAbility(platformsOf("linux/amd64"), ports);
    await sandboxAbility(...again(ports));
    expect(entered.length).toBeGreaterThan(1);
  });
  test("is not remembered where something is impossible", async () => {
    const { ports, entered } = portsOf({});
    for (let i = 0; i < 2; i++) await sandboxAbility(platformsOf("linux/amd64 linux/arm64"), ports);
    expect(entered).toHaveLength(2);
    expect(readdirSync(folder)).toEqual([]);
  });
  test.each([
    ["cut short", (text: string) => text.slice(0, 40)],
    ["of another run of the kernel", (text: string) => text.replace(/[0-9a-f]{8}-[0-9a-f]{4}/, "00000000-0000")],
    ["empty", () => ""],
    ["of another shape", () => '{"circumstances":1,"found":{}}'],
  ])("is tried anew when the memory is %s", async (_name, damage) => {
    const { ports, entered } = portsOf({});
    await sandboxAbility(platformsOf("linux/amd64"), ports);
    const path = join(folder, "ability.json");
    writeFileSync(path, damage(readFileSync(path, "utf8")));
    expect(told(await sandboxAbility(platformsOf("linux/amd64"), ports))).toEqual(["linux/amd64 native"]);
    expect(entered).toHaveLength(2);
  });
});
