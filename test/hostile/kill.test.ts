import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { multihull, startMultihull, startRegistry, temporaryFolder } from "../harness/multihull.ts";
import { defectsOf } from "../harness/soundness.ts";

const KILLS = Math.max(6, Math.round(Number(process.env.MULTIHULL_KILLS ?? 24) / 4));

async function asked(
  method: string,
  url: string,
  body?: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; location: string }> {
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: Buffer.from(body) }) });
  await response.arrayBuffer();
  return { status: response.status, location: response.headers.get("location") ?? "" };
}

function contextOf(bytes: number): string {
  const context = temporaryFolder();
  writeFileSync(join(context, "f"), randomBytes(bytes));
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY f /f\n");
  return context;
}

test("the registry killed while another client uploads a blob: nothing of it is visible, and the same upload then succeeds", { timeout: 120_000 }, async () => {
  const store = temporaryFolder();
  const content = randomBytes(4_000_000);
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  for (let i = 0; i < KILLS; i++) {
    const registry = await startRegistry(store);
    const base = `http://${registry.host}`;
    const { location } = await asked("POST", `${base}/v2/app/blobs/uploads/`);
    // The gate: the server has said how much it took of the chunk before, and dies with the next one half sent.
    const part = Math.floor((content.length * (i + 1)) / (KILLS + 2));
    expect((await asked("PATCH", base + location, content.subarray(0, part))).status).toBe(202);
    const upload = request(`${base}${location}?digest=${digest}`, { method: "PUT", headers: { "content-length": content.length - part } });
    const ended = new Promise<void>((resolve) => upload.once("error", () => resolve()).once("response", () => resolve()));
    upload.write(content.subarray(part, part + 1000));
    await once(upload, "socket");
    await registry.stop("SIGKILL");
    await ended;
    upload.destroy();
    expect(existsSync(join(store, "blobs", digest.replace(":", "/")))).toBe(false);
    expect(await defectsOf(store)).toEqual([]);
  }
  const registry = await startRegistry(store);
  try {
    const base = `http://${registry.host}`;
    expect((await asked("HEAD", `${base}/v2/app/blobs/${digest}`)).status).toBe(404);
    const { location } = await asked("POST", `${base}/v2/app/blobs/uploads/`);
    expect((await asked("PUT", `${base}${location}?digest=${digest}`, content)).status).toBe(201);
    expect((await asked("HEAD", `${base}/v2/app/blobs/${digest}`)).status).toBe(200);
  } finally {
    await registry.stop();
  }
  expect(readdirSync(join(store, "ingest"))).toEqual([]);
});

test("prune killed at random moments: what a tag names stays, and the store is sound", { timeout: 120_000 }, async () => {
  const store = temporaryFolder();
  const kept = await multihull(["build", "--store", store, "-q", "-t", "app:kept", contextOf(100_000)]);
  expect(kept.status).toBe(0);
  const started = performance.now();
  await multihull(["prune", "--store", store]);
  const usual = performance.now() - started;
  for (let i = 0; i < KILLS; i++) {
    // Something to prune, and something that moves the tag.
    expect((await multihull(["build", "--store", store, "-q", contextOf(200_000)])).status).toBe(0);
    const child = startMultihull(["prune", "--store", store]);
    child.stdout?.resume();
    child.stderr?.resume();
    const ended = once(child, "exit");
    // Waiting here is the subject: the moment of death is spread over what a prune takes.
    await delay((usual * (i + 1)) / KILLS);
    child.kill("SIGKILL");
    await ended;
    expect(await defectsOf(store)).toEqual([]);
  }
  const last = await multihull(["prune", "--store", store]);
  expect(last.status, last.stderr).toBe(0);
  expect(await defectsOf(store)).toEqual([]);
  const registry = await startRegistry(store);
  try {
    const { status, stdout, stderr } = await multihull(["inspect", "--json", "--files", `${registry.host}/library/app:kept`]);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout).platforms[0].files).toHaveLength(1);
  } finally {
    await registry.stop();
  }
});

describe("the harness notices an unsound store: it is made unsound on purpose", () => {
  const blobs = (store: string): string[] => readdirSync(join(store, "blobs/sha256")).map((name) => join(store, "blobs/sha256", name));
  const below = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
  const defects: Readonly<Record<string, { readonly plant: (store: string) => void; readonly says: RegExp }>> = {
    "a blob with more bytes": { plant: (store) => appendFileSync(blobs(store)[0] as string, "x"), says: /holds/ },
    "a half blob under its name": { plant: (store) => writeFileSync(blobs(store)[1] as string, "ha"), says: /holds/ },
    "any blob of a tagged image gone": {
      plant: (store) => {
        for (const path of blobs(store)) rmSync(path);
      },
      says: /is not there/,
    },
    "a blob under another's name": { plant: (store) => renameSync(blobs(store)[0] as string, blobs(store)[1] as string), says: /holds|is not there/ },
    "a manifest's entry that is torn": {
      plant: (store) => {
        for (const path of below(join(store, "registry"))) if (path.includes("/_manifests/")) writeFileSync(path, "{");
      },
      says: /is not there/,
    },
  };
  test("a sound one has no defect", async () => {
    const store = temporaryFolder();
    expect((await multihull(["build", "--store", store, "-q", "-t", "app:v1", contextOf(1000)])).status).toBe(0);
    expect(await defectsOf(store)).toEqual([]);
  });
  for (const [name, { plant, says }] of Object.entries(defects)) {
    test(name, async () => {
      const store = temporaryFolder();
      expect((await multihull(["build", "--store", store, "-q", "--platform", "linux/amd64,linux/arm64", "-t", "app:v1", contextOf(1000)])).status).toBe(0);
      plant(store);
      expect((await defectsOf(store)).join("\n")).toMatch(says);
    });
  }
});
