import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProgramAnswer } from "../../../host/ports.ts";
import { emulatorChanger, mayRegister, registrableEmulators } from "./binfmt-changer.ts";
import type { ContainerEmulators } from "./binfmt-container.ts";

const RUN = ["docker", "run", "--privileged", "--rm", "tonistiigi/binfmt"];
const CHANGE: ContainerEmulators = {
  kind: "emulator-container",
  architectures: ["arm64", "s390x"],
  command: [...RUN, "--install", "arm64,s390x"],
  undo: [...RUN, "--uninstall", "qemu-aarch64,qemu-s390x"],
  about: "",
};
const ended = (emulators: readonly string[], stderr = "", status = 0): ProgramAnswer => ({
  kind: "ended",
  status,
  stdout: `{\n  "supported": ["linux/amd64"],\n  "emulators": ${JSON.stringify(emulators)}\n}\n`,
  stderr,
});

/** What the container's program answers, and what it was called with. */
function answering(answer: ProgramAnswer): { readonly changer: ReturnType<typeof emulatorChanger>; readonly calls: string[] } {
  const calls: string[] = [];
  const run = async (program: string, args: readonly string[]): Promise<ProgramAnswer> => {
    calls.push([program, ...args].join(" "));
    return answer;
  };
  return { changer: emulatorChanger({ run }), calls };
}
const done = { change: CHANGE, state: "made", atMs: 0 } as const;

describe("emulators by a container", () => {
  test("it is run as planned, and looked at", async () => {
    const { changer, calls } = answering(ended(["python3.11", "qemu-aarch64", "qemu-s390x"]));
    await changer.make(CHANGE, undefined);
    expect(calls).toEqual(["docker run --privileged --rm tonistiigi/binfmt --install arm64,s390x"]);
  });
  test("what it took back is gone", async () => {
    const { changer, calls } = answering(ended(["python3.11"]));
    expect(await changer.differs(done)).toBeUndefined();
    await changer.takeBack(done);
    expect(calls).toEqual(["docker run --privileged --rm tonistiigi/binfmt --uninstall qemu-aarch64,qemu-s390x"]);
  });
  const failures: readonly (readonly [name: string, answer: ProgramAnswer, why: RegExp])[] = [
    [
      "it ends well without having done it",
      ended(["qemu-s390x"], "installing: arm64 cannot register: invalid argument"),
      /"qemu-aarch64" is not registered after it: installing: arm64 cannot/,
    ],
    ["it fails", ended([], "denied\nby https://me:hunter2@proxy", 125), /status 125: denied by https:\/\/me:…@proxy$/],
    ["it prints something else", { kind: "ended", status: 0, stdout: "ok", stderr: "" }, /is not registered after it/],
    ["there is no docker", { kind: "missing" }, /there is no "docker" on PATH/],
    ["docker cannot be started", { kind: "unstartable", why: "EACCES" }, /EACCES/],
    ["it hangs", { kind: "silent", afterMs: 600_000, stdout: "", stderr: "Unable to find image" }, /within 600 s: Unable to find image/],
  ];
  test.each(failures)("%s: told with the act that helps", async (_name, answer, why) => {
    const { changer } = answering(answer);
    await expect(changer.make(CHANGE, undefined)).rejects.toThrow(
      expect.objectContaining({ code: "host-change-failed", message: expect.stringMatching(why), hint: expect.stringContaining("qemu-user-static") }),
    );
  });
  test("what is still registered after it was taken back is told", async () => {
    const { changer } = answering(ended(["qemu-s390x"], "uninstalling: qemu-s390x permission denied"));
    await expect(changer.takeBack(done)).rejects.toThrow(/"qemu-s390x" is still registered after it: uninstalling: qemu-s390x permission denied/);
  });
});

describe("the kernel's list", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "binfmt-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  test("may be written to where there is one", () => {
    expect(mayRegister(folder)).toBe(false);
    writeFileSync(join(folder, "register"), "");
    expect(mayRegister(folder)).toBe(true);
  });
  test("an emulator whose path the kernel would cut is left out", () => {
    // A static program of this machine, as far as its head tells: one segment that is loaded.
    const program = Buffer.alloc(120);
    program.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    program.writeUInt16LE(2, 16);
    program.writeUInt16LE(62, 18);
    program.writeBigUInt64LE(64n, 32);
    program.writeUInt16LE(56, 54);
    program.writeUInt16LE(1, 56);
    program.writeUInt32LE(1, 64);
    const found = ["good", "line\nend", "back\\slash"].map((name) => {
      const path = join(folder, name);
      mkdirSync(path);
      writeFileSync(join(path, "qemu-aarch64-static"), program, { mode: 0o755 });
      return registrableEmulators({ folder: join(folder, "none"), env: { PATH: path }, machine: "amd64", hostBinfmt: join(folder, "none") });
    });
    expect(found).toEqual([
      [
        {
          architecture: "arm64",
          path: join(folder, "good/qemu-aarch64-static"),
          registration: expect.stringMatching(/^:multihull-arm64:M:0:.*\/good\/qemu-aarch64-static:POCF$/),
        },
      ],
      [],
      [],
    ]);
  });
});
