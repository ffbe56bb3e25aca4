import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot, temporaryFolder } from "./harness/multihull.ts";

const namespaces = spawnSync("unshare", ["-Urm", "true"]).status === 0;

/** Runs a script in a mount namespace of its own, in which `$SMALL` is a file system of 3 MB. */
function withSmallDisk(script: string, context: string): { status: number | null; stdout: string; stderr: string } {
  const small = join(temporaryFolder(), "small");
  mkdirSync(small);
  return spawnSync("unshare", ["-Urm", "sh", "-euc", `mount -t tmpfs -o size=3m tmpfs "$SMALL"\n${script}`], {
    encoding: "utf8",
    env: { ...process.env, SMALL: small, CONTEXT: context, M: join(projectRoot, "bin/multihull"), DOCKER_CONFIG: "/nonexistent" },
  });
}

function context(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "big"), randomBytes(8_000_000));
  writeFileSync(join(folder, "small"), "fits");
  return folder;
}

test.skipIf(!namespaces)("a full disk stops a build with a problem, leaves nothing half-written, and a smaller build then succeeds", () => {
  const { status, stdout, stderr } = withSmallDisk(
    `printf 'FROM scratch\\nCOPY big /\\n' | "$M" build --store "$SMALL/store" -q -f - "$CONTEXT" && exit 9
     find "$SMALL/store/ingest" -type f
     printf 'FROM scratch\\nCOPY small /\\n' | "$M" build --store "$SMALL/store" -q -f - "$CONTEXT"`,
    context(),
  );
  expect(stderr).toMatch(/error\[disk-full\].*\n?help: /);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(status).toBe(0);
});

test.skipIf(!namespaces)("a full disk stops an export, and no archive is left under the name that was asked for", () => {
  const { status, stdout, stderr } = withSmallDisk(
    `printf 'FROM scratch\\nCOPY big /\\n' | "$M" build --store "$CONTEXT/store" -q -o "type=oci,dest=$SMALL/a.tar" -f - "$CONTEXT" && exit 9
     find "$SMALL" -type f`,
    context(),
  );
  expect(stderr).toMatch(/error\[disk-full\].*a\.tar/);
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
