import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { multihull, startMultihull, startRegistry, temporaryFolder } from "./harness/multihull.ts";
import { defectsOf } from "./harness/soundness.ts";

/** CI asks for 200; a quick run for fewer. */
const KILLS = Number(process.env.MULTIHULL_KILLS ?? 12);

/** Numbers that are the same on every run: mulberry32. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function makeContext(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "tree"));
  const random = dice(7);
  for (let i = 0; i < 200; i++)
    writeFileSync(join(folder, "tree", `file-${i}`), Buffer.from(Array.from({ length: 200 + i * 20 }, () => Math.floor(random() * 256))));
  for (const arch of ["amd64", "arm64"]) writeFileSync(join(folder, `big-${arch}`), Buffer.alloc(6_000_000, arch));
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nARG TARGETARCH\nCOPY tree /tree\nCOPY big-$TARGETARCH /big\n");
  return folder;
}

test(`kill -9 at ${KILLS} random moments of build, push and serve leaves the store sound, and the same command succeeds`, {
  timeout: 10 * 60_000,
}, async () => {
  const random = dice(20261122);
  const context = makeContext();
  const [builderStore, registryStore] = [temporaryFolder(), temporaryFolder()];
  let registry = await startRegistry(registryStore);
  let killed = 0;
  let finished = 0;
  try {
    const build = (tag: string): string[] => [
      "build",
      ...["--store", builderStore, "--platform", "linux/amd64,linux/arm64", "--progress", "quiet", "--push", "-t", `${registry.host}/kill/app:${tag}`],
      ...(random() < 0.5 ? ["--no-cache"] : []),
      context,
    ];
    const started = performance.now();
    expect((await multihull(build("first"))).status).toBe(0);
    let usual = performance.now() - started;
    for (let i = 0; killed < KILLS && i < 4 * KILLS; i++) {
      // Something new every time: what a store holds already is not written again, and a kill would find nothing half-done.
      writeFileSync(join(context, "tree/file-0"), randomBytes(1_000_000));
      const child = startMultihull(build(`t${i % 5}`));
      child.stdout?.resume();
      child.stderr?.resume();
      const ended = once(child, "exit");
      // Waiting here is the subject: the moment of death is random, within what a build takes.
      const timeUp = new AbortController();
      await Promise.race([ended, delay(random() * usual * 1.1, undefined, { signal: timeUp.signal }).catch(() => {})]);
      timeUp.abort();
      const killServer = random() < 0.3;
      if (killServer) await registry.stop("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        killed++;
      } else {
        // The machine is quicker now than it was: aim earlier.
        finished++;
        usual *= 0.9;
      }
      await ended;
      if (killServer) registry = await startRegistry(registryStore);
      if (i % 20 === 19 || killed === KILLS) {
        expect(await defectsOf(builderStore)).toEqual([]);
        expect(await defectsOf(registryStore)).toEqual([]);
      }
    }
    const last = await multihull(build("last"));
    expect(last.stderr).toBe("");
    expect(last.status).toBe(0);
    const report = JSON.parse((await multihull(["inspect", "--json", "--files", `${registry.host}/kill/app:last`])).stdout);
    expect(report.platforms).toHaveLength(2);
    expect(report.platforms[0].files).toHaveLength(202);
  } finally {
    await registry.stop();
  }
  expect(killed, `${killed} killed, ${finished} had finished`).toBe(KILLS);
  for (const store of [builderStore, registryStore]) {
    // Whatever a dead process left half-written is swept by the next that opens the store.
    const ingest = join(store, "ingest");
    expect(existsSync(ingest) ? readdirSync(ingest) : []).toEqual([]);
    expect(await defectsOf(store)).toEqual([]);
  }
});

test("two builds at once on one store both succeed, with the same digest", async () => {
  const context = makeContext();
  const store = temporaryFolder();
  const args = ["build", "--store", store, "--platform", "linux/amd64,linux/arm64", "-q", context];
  const env = { SOURCE_DATE_EPOCH: "1700000000" };
  const ran = await Promise.all([multihull(args, { env }), multihull(args, { env }), multihull(["prune", "--store", store])]);
  expect(ran.map((r) => r.stderr).join("")).toBe("");
  expect(ran[0]?.stdout).toMatch(/^sha256:/);
  expect(ran[1]?.stdout).toBe(ran[0]?.stdout);
  expect(await defectsOf(store)).toEqual([]);
});
