/**
 * Measures this checkout against the real peers and writes bench/README.md.
 * npm run bench [-- --runs 5 --only builds,blobs,memory,start --out FILE]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CHECKOUT, OURS, peerEnvironment, REGISTRY } from "../test/compare/places.ts";
import { startEmbeddedRegistry } from "../test/peers/embedded-registry.ts";
import { timeBlobs } from "./blob.ts";
import { timeBuilds } from "./builds.ts";
import { writeA, writeB, writeLarge } from "./contexts.ts";
import { benchEngines } from "./engines.ts";
import { measure } from "./measure.ts";
import { buildMemory } from "./memory.ts";
import { type Figures, report, versionOf } from "./report.ts";

const START_RUNS = 11;
/** The registry of the blob part: thrown away afterwards, because gigabytes go through it. */
const BLOB_REGISTRY = "127.0.0.1:5060";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    only: { type: "string", default: "builds,blobs,memory,start" },
    out: { type: "string", default: join(CHECKOUT, "bench/README.md") },
  },
});
const runs = Number(values.runs);
const wanted = (part: string): boolean => values.only.split(",").includes(part);
const folder = mkdtempSync(join(tmpdir(), "multihull-bench-"));
const script = (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void => {
  const result = spawnSync(join(CHECKOUT, "scripts/peers", name), args, { env: { ...process.env, ...env }, stdio: ["ignore", 2, 2] });
  if (result.status !== 0) throw new Error(`scripts/peers/${name} ended with ${result.status}`);
};

script("install.sh", []);
const peers = ["registry", "buildkitd", "docker-containerd"];
script("start.sh", peers);
script("bases.sh", []);
try {
  const engines = benchEngines(join(folder, "store"));
  const contexts = { A: join(folder, "a"), B: join(folder, "b"), large: join(folder, "large") };
  writeA(contexts.A);
  writeB(contexts.B);
  const loadBefore = loadavg()[0]!;
  const figures: { -readonly [key in keyof Figures]: Figures[key] } = {
    day: new Date().toISOString().slice(0, 10),
    runs,
    versions: [...engines.slice(1).map((engine) => engine.version), versionOf("docker-registry", ["--version"], peerEnvironment())],
    loadBefore,
  };
  if (wanted("builds")) {
    figures.builds = {
      A: await timeBuilds("a", contexts.A, engines, runs, REGISTRY),
      B: await timeBuilds("b", contexts.B, engines, runs, REGISTRY),
    };
  }
  if (wanted("blobs")) figures.blobs = await blobs();
  if (wanted("memory")) {
    writeLarge(contexts.large);
    const archive = join(folder, "out.tar");
    figures.memory = { "A, two platforms": [], "B, two platforms": [], "a layer of 2 GB, one platform": [] };
    const into = Object.values(figures.memory) as [typeof rows, typeof rows, typeof rows];
    const rows: Awaited<ReturnType<typeof buildMemory>>[] = [];
    for (const engine of engines) {
      into[0].push(await buildMemory(contexts.A, "linux/amd64,linux/arm64", engine, archive));
      into[1].push(await buildMemory(contexts.B, "linux/amd64,linux/arm64", engine, archive));
      into[2].push(await buildMemory(contexts.large, "linux/amd64", engine, archive));
      rmSync(archive, { force: true });
    }
  }
  if (wanted("start")) {
    const env = peerEnvironment({ MULTIHULL_STORE: join(folder, "store") });
    figures.startMs = { "multihull --help": [], "multihull build (A, warm)": [], "node, one line": [] };
    for (let run = 0; run < START_RUNS; run++) {
      const starts: readonly (readonly [string, string, readonly string[]])[] = [
        ["multihull --help", OURS, ["--help"]],
        [
          "multihull build (A, warm)",
          OURS,
          ["build", "--platform", "linux/amd64,linux/arm64", "--progress=plain", "-o", `type=oci,dest=${join(folder, "start.tar")}`, contexts.A],
        ],
        ["node, one line", process.execPath, ["-e", "console.log(0)"]],
      ];
      for (const [what, program, args] of starts) (figures.startMs[what] as number[]).push((await measure(program, args, env)).firstByteSeconds * 1000);
    }
  }
  writeFileSync(values.out, report(figures));
  console.log(readFileSync(values.out, "utf8"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function blobs(): Promise<NonNullable<Figures["blobs"]>> {
  const place = { MULTIHULL_PEERS_RUN: join(folder, "run"), MULTIHULL_PEERS_DATA: join(folder, "data"), MULTIHULL_PEERS_REGISTRY: BLOB_REGISTRY };
  script("start.sh", ["registry"], place);
  const ours = await startEmbeddedRegistry(join(folder, "registry-store"));
  try {
    return await timeBlobs(
      [
        { name: "multihull registry serve", address: ours.address, pid: ours.process.pid! },
        { name: "docker-registry", address: BLOB_REGISTRY, pid: Number(readFileSync(join(folder, "run/registry.pid"), "utf8")) },
      ],
      join(folder, "blob"),
      runs,
    );
  } finally {
    await ours.stop();
    script("stop.sh", ["registry"], place);
  }
}
