import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { hostRootTar, sandboxHere } from "../harness/sandbox-base.ts";
import { lastingLeftovers } from "../harness/sandbox-leftovers.ts";

const missing = sandboxHere() ?? (process.getuid?.() === 0 ? undefined : "only root may chroot");

/** Root that may not make namespaces is played by trying nothing but chroot. */
const BUILDER = `
  import { readFileSync } from "node:fs";
  import { digestOf } from ${JSON.stringify(new URL("../../src/core/digest.ts", import.meta.url).href)};
  import { candidateWorlds } from ${JSON.stringify(new URL("../../src/adapters/node/sandbox/enter/candidates.ts", import.meta.url).href)};
  import { tryWorlds } from ${JSON.stringify(new URL("../../src/adapters/node/sandbox/enter/try-worlds.ts", import.meta.url).href)};
  import { sandboxClient } from ${JSON.stringify(new URL("../../src/adapters/node/sandbox/sandbox-client.ts", import.meta.url).href)};
  const [folder, script] = process.argv.slice(1);
  const chroot = candidateWorlds().find(({ world }) => world === "chroot");
  const confined = { ...chroot, enter: async () => ({ command: [], release: () => {} }) };
  const { warden, trials } = await tryWorlds({ folder, candidates: [confined] });
  if (warden === undefined) throw new Error(JSON.stringify(trials));
  const sandbox = sandboxClient(warden, () => false);
  const tar = readFileSync(0);
  const never = new AbortController().signal;
  await sandbox.unpack(digestOf(tar), (async function* () { yield tar; })(), never);
  const end = await sandbox.run({
    layers: [digestOf(tar)], platform: { os: "linux", architecture: "amd64" }, arguments: ["/bin/sh", "-c", script], environment: [], workdir: "/", user: "",
    mounts: [], network: "host", hosts: [], ulimits: [], output: (_, bytes) => process.stdout.write(bytes),
  }, never).catch((error) => ({ refused: error.code }));
  console.log(JSON.stringify(end.refused ?? end.exitCode));
  await end.discard?.();
  await sandbox.close();
`;
const MARK = "86417";
const DAEMONS = `(setsid sleep ${MARK} >/dev/null 2>&1 &); (setsid setsid sleep ${MARK} &); sleep ${MARK} &`;

describe.skipIf(missing !== undefined)(`by chroot alone${missing === undefined ? "" : ` (${missing})`}`, () => {
  function builder(script: string) {
    const folder = mkdtempSync(join(tmpdir(), "multihull-chroot-world-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const args = ["--import", createRequire(import.meta.url).resolve("tsx"), "--input-type=module", "-e", BUILDER, folder, script];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end(hostRootTar());
    return { child, folder };
  }

  test("killing the builder ends what its programs left behind, wherever they went", async () => {
    const { child, folder } = builder(`${DAEMONS} echo ready; sleep ${MARK}`);
    await once(child.stdout, "data");
    expect(marked().length).toBeGreaterThan(3);
    const over = once(child, "exit");
    child.kill("SIGKILL");
    await over;
    expect(await lastingLeftovers(folder)).toEqual([]);
    await expect.poll(marked, { timeout: 10_000 }).toEqual([]);
  });

  test("a program that kills the process which looks after it takes nobody along, and leaves nobody", async () => {
    const { child, folder } = builder(`${DAEMONS} kill -9 $PPID; sleep ${MARK}`);
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    await once(child, "close");
    expect(said).toBe('"sandbox-unavailable"\n');
    expect(marked()).toEqual([]);
    expect(await lastingLeftovers(folder)).toEqual([]);
  });
});

/** Programs of these tests that live. */
const marked = (): string[] =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").includes(`sleep ${MARK}`);
    } catch {
      return false;
    }
  });
