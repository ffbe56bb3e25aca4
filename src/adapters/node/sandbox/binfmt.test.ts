import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parsePlatform } from "../../../core/platform.ts";
import { isWholeMachine, registrationLine } from "./binfmt.ts";
import { parseRegistration, registrationFor } from "./binfmt-host.ts";
import { MACHINES } from "./binfmt-table.ts";
import { PROBE_STATUS, probeFor } from "./probe.ts";

describe("the line that registers an emulator", () => {
  // As qemu's own script writes them (7.2, scripts/qemu-binfmt-conf.sh), but for the path and the flags.
  const cases: readonly (readonly [architecture: string, magic: string])[] = [
    ["arm64", "7f454c460201010000000000000000000200b700"],
    ["arm", "7f454c4601010100000000000000000002002800"],
    ["386", "7f454c4601010100000000000000000002000300"],
    ["amd64", "7f454c4602010100000000000000000002003e00"],
    ["riscv64", "7f454c460201010000000000000000000200f300"],
    ["ppc64le", "7f454c4602010100000000000000000002001500"],
    ["s390x", "7f454c4602020100000000000000000000020016"],
  ];
  test.each(cases)("%s", (architecture, magic) => {
    const [, name, type, offset, told, mask, path, flags] = registrationLine(architecture, "emulators/x").split(":");
    expect([name, type, offset, told?.replaceAll("\\x", ""), path, flags]).toEqual([`multihull-${architecture}`, "M", "0", magic, "emulators/x", "POCF"]);
    expect(mask?.replaceAll("\\x", "")).toBe(
      architecture === "s390x" ? "ffffffffffffff00fffffffffffffffffffeffff" : "ffffffffffffff00fffffffffffffffffeffffff",
    );
  });
});

test.each([
  ["no namespace", "         0          0 4294967295\n", true],
  ["a shifted range", "         0    1000000      65536\n", false],
  ["a single id", "         0       1000          1\n", false],
  ["an ordinary user with a range", "         0       1000          1\n         1     100000      65536\n", false],
])("an id map of %s tells whether a registration would hold for the whole machine", (_name, map, whole) => {
  expect(isWholeMachine(map)).toBe(whole);
});

describe("the machine's registrations, as the kernel shows them", () => {
  const arm64 =
    "enabled\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\nflags: PF\noffset 0\nmagic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n";
  test("one for arm64 is the one by which its programs are started, and no others", () => {
    const read = parseRegistration("qemu-aarch64", arm64);
    expect(read).toMatchObject({ name: "qemu-aarch64", interpreter: "/usr/libexec/qemu-binfmt/aarch64-binfmt-P", flags: "PF", offset: 0 });
    for (const architecture of Object.keys(MACHINES)) {
      const found = registrationFor(probeFor(parsePlatform(`linux/${architecture}`)) as Uint8Array, read === undefined ? [] : [read]);
      expect(found?.name, architecture).toBe(architecture === "arm64" ? "qemu-aarch64" : undefined);
    }
  });
  test.each([
    ["one that is switched off", arm64.replace("enabled", "disabled")],
    ["one that goes by a file's extension", "enabled\ninterpreter /usr/bin/java\nflags: \nextension .jar\n"],
    ["one whose mask has another length", arm64.replace("mask ff", "mask ")],
    ["an empty one", ""],
    ["one with half a byte", arm64.replace("magic 7", "magic ")],
  ])("%s does not count", (_name, text) => {
    expect(parseRegistration("x", text)).toBeUndefined();
  });
});

const ENTER = ["-U", "-r", "-m", "-p", "-f", "--propagation", "private"];
const QEMU: Readonly<Record<string, string>> = {
  arm64: "/usr/bin/qemu-aarch64-static",
  s390x: "/usr/bin/qemu-s390x-static",
  riscv64: "/usr/bin/qemu-riscv64-static",
};
/** Asks the machine first: it takes namespaces, koffi, and a kernel that has registrations of a namespace's own. */
const missing = ((): string | undefined => {
  for (const path of Object.values(QEMU)) if (!existsSync(path)) return path;
  if (spawnSync("unshare", [...ENTER, "true"]).status !== 0) return "user namespaces";
  const said = spawnSync("unshare", [...ENTER, "mount", "-t", "binfmt_misc", "none", "/mnt"]);
  return said.status === 0 ? undefined : "a kernel with a binfmt_misc of a namespace's own";
})();

describe.skipIf(missing !== undefined)(`emulators registered in a namespace of its own (needs ${missing ?? "nothing more"})`, () => {
  let area: string;
  beforeAll(() => {
    area = mkdtempSync(join(tmpdir(), "binfmt-"));
    mkdirSync(join(area, "emulators"));
    mkdirSync(join(area, "root"));
    for (const [architecture, path] of Object.entries(QEMU)) {
      copyFileSync(path, join(area, "emulators", architecture));
      const program = join(area, "root", architecture);
      writeFileSync(program, probeFor(parsePlatform(`linux/${architecture}`)) as Uint8Array);
      chmodSync(program, 0o755);
    }
    writeFileSync(join(area, "emulators/text"), "no program", { mode: 0o755 });
  });
  afterAll(() => rmSync(area, { recursive: true }));

  const url = (name: string): string => JSON.stringify(pathToFileURL(join(import.meta.dirname, name)).href);
  /** What registers, and then tries, inside. */
  function inside(
    emulators: Readonly<Record<string, string>>,
    tried: readonly string[],
  ): { readonly registration: unknown; readonly reports: readonly unknown[] } {
    const script = `
      const { registerEmulators } = await import(${url("binfmt.ts")});
      const { tryProgram } = await import(${url("try-program.ts")});
      process.chdir(${JSON.stringify(area)});
      let registration;
      try { registration = registerEmulators(${JSON.stringify(emulators)}, "binfmt"); } catch (error) { registration = { threw: error.message }; }
      const reports = [];
      for (const name of ${JSON.stringify(tried)}) reports.push(await tryProgram("root", name));
      console.log(JSON.stringify({ registration, reports }));`;
    const { stdout, stderr } = spawnSync("unshare", [...ENTER, process.execPath, "--import", "tsx", "--input-type=module", "-e", script], { encoding: "utf8" });
    if (!stdout.startsWith("{")) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  test("run programs of their architectures, from paths relative to the working directory, in a root that has no emulator", () => {
    const { registration, reports } = inside({ s390x: "emulators/s390x", riscv64: "emulators/riscv64" }, ["s390x", "riscv64"]);
    expect(registration).toEqual({ registered: ["s390x", "riscv64"] });
    expect(reports).toEqual([{ exitCode: PROBE_STATUS }, { exitCode: PROBE_STATUS }]);
  });
  test("hide what the machine has registered, so that what is not among them cannot run", () => {
    const { reports } = inside({ s390x: "emulators/s390x" }, ["s390x", "arm64"]);
    expect(reports).toEqual([{ exitCode: PROBE_STATUS }, { code: expect.stringMatching(/^(?:ENOEXEC|ENOENT)$/) }]);
  });
  test.each([
    ["one that is not there", { arm64: "emulators/none" }, /"emulators\/none" cannot be opened from inside the sandbox \(ENOENT\)/],
    ["one whose path the kernel would cut at a colon", { arm64: "emulators/a:b" }, /does not take "emulators\/a:b"/],
    ["an architecture that is not known", { vax: "emulators/arm64" }, /vax cannot be told/],
  ])("%s is refused, with a reason, before anything is mounted", (_name, emulators, reason) => {
    const { registration } = inside(emulators, []);
    expect(registration).toEqual({ registered: [], refused: expect.stringMatching(reason) });
  });
  test("nothing is asked of the kernel for none", () => {
    expect(inside({}, []).registration).toEqual({ registered: [] });
  });
});
