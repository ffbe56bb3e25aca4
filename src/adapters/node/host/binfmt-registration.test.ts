import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registrationLine } from "../sandbox/binfmt.ts";
import { entryDiffers, type RegisteredEmulator, registerEmulator, unregisterEmulator } from "./binfmt-registration.ts";

const change = (architecture: string, interpreter: string): RegisteredEmulator => ({
  kind: "emulator",
  architecture,
  interpreter,
  registration: registrationLine(architecture, interpreter),
  about: "",
});
const ARM64 = change("arm64", "/usr/bin/qemu-aarch64-static");

describe("a folder that is no binfmt_misc", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "binfmt-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const shown = (entry: string): void => writeFileSync(join(folder, "multihull-arm64"), entry);
  const magic = "7f454c460201010000000000000000000200b700";
  const mask = "ffffffffffffff00fffffffffffffffffeffffff";
  const whole = `enabled\ninterpreter ${ARM64.interpreter}\nflags: POCF\noffset 0\nmagic ${magic}\nmask ${mask}\n`;

  test("is told with the act that mounts it", () => {
    expect(() => registerEmulator(ARM64, join(folder, "none"))).toThrow(
      expect.objectContaining({
        code: "host-change-failed",
        message: expect.stringContaining("binfmt_misc is not mounted"),
        hint: expect.stringContaining("mount -t binfmt_misc"),
      }),
    );
  });
  test("taking back from it is no failure", () => {
    expect(unregisterEmulator(ARM64, join(folder, "none"))).toBeUndefined();
  });
  test.each([
    ["the same", whole, { kind: "same" }],
    ["one that is switched off", whole.replace("enabled", "disabled"), { kind: "other", why: "it is switched off" }],
    ["another interpreter", whole.replace("-static", ""), { kind: "other", why: 'it starts "/usr/bin/qemu-aarch64"' }],
    ["other programs", whole.replace(magic, magic.replace("b7", "f3")), { kind: "other", why: "it is for other programs" }],
    ["not held open", whole.replace("POCF", "PO"), { kind: "other", why: 'its flags are "PO"' }],
  ])("an entry is compared whole: %s", (_name, entry, state) => {
    shown(entry);
    expect(entryDiffers(ARM64, folder)).toEqual(state);
    if (state.kind === "same") return expect(registerEmulator(ARM64, folder)).toBeUndefined();
    expect(() => registerEmulator(ARM64, folder)).toThrow(expect.objectContaining({ code: "host-change-failed", hint: expect.stringContaining("echo -1 > ") }));
    expect(() => unregisterEmulator(ARM64, folder)).toThrow(expect.objectContaining({ code: "host-changed" }));
  });
});

const ENTER = ["-U", "-r", "-m", "--propagation", "private"];
const QEMU = "/usr/bin/qemu-aarch64-static";
/** The kernel's own list must not be touched: since Linux 6.7 a user namespace has one of its own. */
const missing = ((): string | undefined => {
  if (!existsSync(QEMU)) return QEMU;
  const said = spawnSync("unshare", [...ENTER, "mount", "-t", "binfmt_misc", "none", "/mnt"]);
  return said.status === 0 ? undefined : "user namespaces with a binfmt_misc of their own";
})();

describe.skipIf(missing !== undefined)(`a kernel's list (needs ${missing ?? "nothing more"})`, () => {
  let area: string;
  beforeAll(() => {
    area = mkdtempSync(join(tmpdir(), "binfmt-"));
    mkdirSync(join(area, "list"));
    copyFileSync(QEMU, join(area, "qemu"));
    chmodSync(join(area, "qemu"), 0o755);
  });
  afterAll(() => rmSync(area, { recursive: true }));

  /** Runs statements in a namespace of their own, with a list that is empty; gives what they leave in `seen`. */
  function inside(statements: string): unknown {
    const module = JSON.stringify(pathToFileURL(join(import.meta.dirname, "binfmt-registration.ts")).href);
    const script = `
      const { execFileSync } = await import("node:child_process");
      const { readdirSync, readFileSync, writeFileSync } = await import("node:fs");
      const { registerEmulator, unregisterEmulator } = await import(${module});
      const list = ${JSON.stringify(join(area, "list"))};
      const change = ${JSON.stringify(change("arm64", join(area, "qemu")))};
      execFileSync("mount", ["-t", "binfmt_misc", "none", list]);
      const entries = () => readdirSync(list).filter((name) => name !== "register" && name !== "status");
      const tried = (act) => { try { act(); return "done"; } catch (error) { return error.code + ": " + error.message; } };
      const seen = [];
      ${statements}
      console.log(JSON.stringify(seen));`;
    const { stdout, stderr } = spawnSync("unshare", [...ENTER, process.execPath, "--import", "tsx", "--input-type=module", "-e", script], { encoding: "utf8" });
    if (!stdout.startsWith("[")) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  test("takes a registration, once or twice, and gives it back, once or twice", () => {
    const seen = inside(`
      registerEmulator(change, list); seen.push(entries(), readFileSync(list + "/multihull-arm64", "utf8").split("\\n").slice(0, 3));
      registerEmulator(change, list); seen.push(entries());
      unregisterEmulator(change, list); seen.push(entries());
      unregisterEmulator(change, list); seen.push(entries());`);
    expect(seen).toEqual([["multihull-arm64"], ["enabled", `interpreter ${join(area, "qemu")}`, "flags: POCF"], ["multihull-arm64"], [], []]);
  });
  test("one that somebody switched off is neither taken for ours nor taken away", () => {
    const seen = inside(`
      registerEmulator(change, list); writeFileSync(list + "/multihull-arm64", "0");
      seen.push(tried(() => unregisterEmulator(change, list)), entries());`);
    expect(seen).toEqual([expect.stringMatching(/^host-changed: .*it is switched off/), ["multihull-arm64"]]);
  });
  test("an emulator that is not there is refused, and nothing is left behind", () => {
    const seen = inside(`
      const other = { ...change, interpreter: "/none", registration: change.registration.replace(change.interpreter, "/none") };
      seen.push(tried(() => registerEmulator(other, list)), entries());`);
    expect(seen).toEqual([expect.stringMatching(/^host-change-failed: .*there is no "\/none"/), []]);
  });
  test("a line that the kernel does not take is refused with its answer", () => {
    const seen = inside(`
      const other = { ...change, registration: change.registration.replace(":M:", ":X:") };
      seen.push(tried(() => registerEmulator(other, list)), entries());`);
    expect(seen).toEqual([expect.stringMatching(/^host-change-failed: .*the kernel says EINVAL/), []]);
  });
});
