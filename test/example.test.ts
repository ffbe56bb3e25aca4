import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { architectures, program } from "../examples/operator/make-programs.mjs";
import { projectRoot } from "./harness/multihull.ts";

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

test("the example's workflow has the defect that the project is about", () => {
  const workflow = readFileSync(join(projectRoot, "examples/operator/.github/workflows/image-release.yaml"), "utf8");
  expect(workflow).toMatch(/docker\/setup-docker-action@/);
  expect(workflow).toMatch(/platforms: linux\/amd64,linux\/arm64/);
  expect(workflow).not.toMatch(/setup-buildx-action|containerd-snapshotter/);
});
