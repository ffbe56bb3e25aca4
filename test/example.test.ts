import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { architectures, program } from "../examples/operator/make-programs.mjs";
import { type DoctorReport, doctor } from "../src/api/doctor.ts";
import { fix } from "../src/api/fix.ts";
import type { Finding } from "../src/findings/finding.ts";
import { projectRoot, temporaryFolder } from "./harness/multihull.ts";

const HOST: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
const EMULATORS: Readonly<Record<string, string>> = {
  386: "i386",
  arm: "arm",
  arm64: "aarch64",
  amd64: "x86_64",
  riscv64: "riscv64",
  ppc64le: "ppc64le",
  s390x: "s390x",
};

for (const architecture of architectures) {
  const native = HOST[process.arch] === architecture;
  const emulator = ["/usr/bin", "/usr/local/bin"].map((folder) => `${folder}/qemu-${EMULATORS[architecture]}-static`).find(existsSync);
  const runnable = native || emulator !== undefined;
  test.skipIf(!runnable)(`the example's program for ${architecture} runs and prints its platform`, () => {
    const folder = mkdtempSync(join(tmpdir(), "multihull-elf-"));
    try {
      const path = join(folder, "program");
      const bytes = program(architecture);
      expect(bytes.byteLength).toBeLessThan(400);
      writeFileSync(path, bytes);
      chmodSync(path, 0o755);
      const said = native ? execFileSync(path) : execFileSync(emulator as string, [path]);
      expect(said.toString()).toMatch(new RegExp(`^operator for linux/${architecture === "arm" ? "arm/v7" : architecture}\n$`));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

const workflow = ".github/workflows/image-release.yaml";
const example = join(projectRoot, "examples/operator");

/** The example in a folder of its own, laid out as in the project, so that nothing is written in the project's. */
function copyOfExample(): string {
  const root = temporaryFolder();
  cpSync(example, join(root, "examples/operator"), { recursive: true });
  symlinkSync(join(projectRoot, "bin"), join(root, "bin"));
  return join(root, "examples/operator");
}

const errorsOf = ({ findings }: DoctorReport): readonly Finding[] => findings.filter(({ severity }) => severity === "error");

test("npm start tells why the release will fail, shows both mends, and builds the image", () => {
  const folder = copyOfExample();
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, "run.mjs")], { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
  expect([status, stderr]).toEqual([0, expect.stringMatching(/\n1 fix in 1 file; nothing was written/)]);
  expect(stdout).toMatch(/^\.github\/workflows\/image-release\.yaml:\d+:\d+: error: the docker driver cannot build 2 platforms at once.*certain\]$/m);
  expect(stdout).toContain("| ERROR: failed to build: Multi-platform build is not supported for the docker driver.\n");
  expect(stdout).toContain("+        uses: docker/setup-buildx-action@v4\n");
  expect(stdout).toMatch(/^\+ +"containerd-snapshotter": true$/m);
  expect([...stdout.matchAll(/^\$ multihull (\S+)/gm)].map(([, command]) => command)).toEqual([
    ...["doctor", "fix", "fix", "registry", "plan", "build", "inspect", "verify"],
    ...["build", "build", "verify"],
  ]);
  expect(stdout).toMatch(/linux\/arm64[\s\S]*\/manager/);
  expect(stdout).toContain("\nnothing found in 2 platforms;");
  expect(stderr).toMatch(/error\[image-unsound\].*\nlinux\/arm64: .*manager is for amd64.*\[start-of-other-architecture\]/);
  expect(stdout).toMatch(/^linux\/arm64: error: .*manager is for amd64.*\[start-of-other-architecture, certain\]$/m);
  expect(readFileSync(join(folder, workflow), "utf8")).toBe(readFileSync(join(example, workflow), "utf8"));
});

test("the example's workflow has the defect that the project is about, and either way mends it", async () => {
  for (const [way, lines] of Object.entries({ buildx: 3, containerd: 6 })) {
    const folder = copyOfExample();
    expect(errorsOf(await doctor({ path: folder })).map(({ rule, severity, confidence }) => [rule, severity, confidence])).toEqual([
      ["driver-without-multi-platform", "error", "certain"],
    ]);
    const report = await fix({ path: folder, with: way as "buildx" | "containerd", write: true });
    expect(report).toMatchObject({ written: true, failed: false });
    const added = report.files.flatMap(({ diff }) => diff.split("\n").slice(2)).filter((line) => /^[+-]/.test(line));
    expect(added.map((line) => line[0])).toEqual(Array(lines).fill("+"));
    expect(errorsOf(await doctor({ path: folder }))).toEqual([]);
  }
});
