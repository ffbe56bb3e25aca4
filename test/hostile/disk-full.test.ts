import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tarOf } from "../harness/built-result.ts";
import { projectRoot, temporaryFolder } from "../harness/multihull.ts";
import { evilRegistry } from "./evil-registry.ts";

const namespaces = spawnSync("unshare", ["-Urm", "true"]).status === 0;

/** Runs a script in a mount namespace of its own, in which `$SMALL` is a file system of 3 MB. */
async function withSmallDisk(script: string, env: Readonly<Record<string, string>>): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const small = join(temporaryFolder(), "small");
  mkdirSync(small);
  // A bash whose standard input is a socket takes itself for one that ssh started, and reads its settings.
  const child = spawn("unshare", ["-Urm", "bash", "--norc", "-euc", `mount -t tmpfs -o size=3m tmpfs "$SMALL"\n${script}`], {
    env: { ...process.env, SMALL: small, M: join(projectRoot, "bin/multihull"), DOCKER_CONFIG: "/nonexistent", ...env },
  });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text: string) => (said[name] += text));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, ...said };
}

test.skipIf(!namespaces)("a full disk stops the pull of a base, leaves nothing half-written, and what fits is then built", async () => {
  const registry = await evilRegistry();
  registry.tag(registry.image({ layers: [tarOf([{ path: "big", content: randomBytes(4_000_000).toString("hex") }])] }));
  const { status, stdout, stderr } = await withSmallDisk(
    `printf 'FROM %s\\n' "$BASE" | "$M" build --store "$SMALL/store" --platform linux/amd64 -q -o type=tar,dest=/dev/null -f - "$CONTEXT" && exit 9
     find "$SMALL/store/ingest" "$SMALL/store/blobs" -type f -size +1000k
     printf 'FROM scratch\\nLABEL a=b\\n' | "$M" build --store "$SMALL/store" -q -f - "$CONTEXT"`,
    { BASE: registry.name, CONTEXT: temporaryFolder() },
  );
  expect(stderr).toMatch(/^error\[disk-full\].*\n(?:.*\n)*help: /);
  expect(stderr).not.toMatch(/\n\s+at |^bug: /m);
  expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(status).toBe(0);
});

test.skipIf(!namespaces)("a full disk of the embedded registry refuses a push with 507, and takes what fits afterwards", async () => {
  const context = temporaryFolder();
  writeFileSync(join(context, "big"), randomBytes(8_000_000));
  writeFileSync(join(context, "small"), "fits");
  const { status, stdout, stderr } = await withSmallDisk(
    `"$M" registry serve --listen 127.0.0.1:0 --quiet --store "$SMALL/store" 2> "$OTHER/log" & SERVER=$!
     trap 'kill $SERVER' EXIT
     until grep -q 'registry at' "$OTHER/log"; do read -t 0.05 <> <(:) || true; done
     HOST=$(sed -n 's,^registry at http://,,p' "$OTHER/log" | head -1)
     printf 'FROM scratch\\nCOPY big /\\n' | "$M" build --store "$OTHER/store" -q --push -t "$HOST/app:big" -f - "$CONTEXT" && exit 9
     find "$SMALL/store/ingest" -type f
     printf 'FROM scratch\\nCOPY small /\\n' | "$M" build --store "$OTHER/store" -q --push -t "$HOST/app:small" -f - "$CONTEXT"`,
    { CONTEXT: context, OTHER: temporaryFolder() },
  );
  expect(stderr).toMatch(/^error\[registry-status\].*507/m);
  expect(stderr).toMatch(/^help: /m);
  expect(stderr).not.toMatch(/\n\s+at |^bug: /m);
  expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(status).toBe(0);
});

test.skipIf(!namespaces)("a disk that is full before the first record is a problem at every step, never a bug, and the store recovers", async () => {
  const context = temporaryFolder();
  for (let i = 0; i < 300; i++) writeFileSync(join(context, `f${i}`), "x".repeat(i));
  const { status, stdout, stderr } = await withSmallDisk(
    `for LEFT in 0 8 16 24 32 48 64; do
       rm -rf "$SMALL"/*; mkdir "$SMALL/store"
       dd if=/dev/zero of="$SMALL/filler" bs=1k count=$((3072 - LEFT)) 2> /dev/null || true
       printf 'FROM scratch\\nCOPY . /\\nWORKDIR /w\\n' | "$M" build --store "$SMALL/store" -q -t app:v1 -f - "$CONTEXT" > /dev/null || echo "$LEFT: $?"
     done
     rm "$SMALL/filler"
     printf 'FROM scratch\\nCOPY . /\\nWORKDIR /w\\n' | "$M" build --store "$SMALL/store" -q -t app:v1 -f - "$CONTEXT"`,
    { CONTEXT: context },
  );
  expect(stderr).not.toMatch(/\n\s+at |^bug: /m);
  for (const line of stderr.split("\n")) if (line.startsWith("error[")) expect(line).toMatch(/^error\[disk-full\]/);
  expect(stdout).toMatch(/^0: 1\n/);
  expect(stdout).toMatch(/sha256:[0-9a-f]{64}\n$/);
  expect(status).toBe(0);
});
