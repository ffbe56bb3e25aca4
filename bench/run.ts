/**
 * Measures this checkout against the real peers and writes bench/README.md.
 * npm run bench [-- --runs 5 --only builds,rootless,more,blobs,memory,start --out FILE]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CHECKOUT, OURS, peerEnvironment, REGISTRY } from "../test/compare/places.ts";
import { startEmbeddedRegistry } from "../test/peers/embedded-registry.ts";
import { timeBlobs } from "./blob.ts";
import { timeBuilds } from "./builds.ts";
import { SEVEN_PLATFORMS, writeA, writeB, writeC, writeLarge, writeLargeRun, writeSeven, writeTree } from "./contexts.ts";
import { type BenchEngine, benchEngines } from "./engines.ts";
import { measure } from "./measure.ts";
import { buildMemory } from "./memory.ts";
import { type Figures, report, versionOf } from "./report.ts";
import { rootlessEngines } from "./rootless.ts";

const START_RUNS = 11;
/** The registry of the blob part: thrown away afterwards, because gigabytes go through it. */
const BLOB_REGISTRY = "127.0.0.1:5060";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    only: { type: "string", default: "builds,rootless,more,blobs,memory,start" },
    out: { type: "string", default: join(CHECKOUT, "bench/README.md") },
  },
});
const runs = Number(values.runs);
const wanted = (part: string): boolean => values.only.split(",").includes(part);
// Beside the peers' own data: where many files were removed lately, as in a busy /tmp, ext4 makes new ones fifteen times slower.
const data = process.env.MULTIHULL_PEERS_DATA ?? "/var/lib/peers";
mkdirSync(data, { recursive: true });
const folder = mkdtempSync(join(data, "bench-"));
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
  const place = (name: string): string => join(folder, name);
  const contexts = {
    A: place("a"),
    B: place("b"),
    C: place("c"),
    seven: place("seven"),
    tree: place("tree"),
    large: place("large"),
    largeRun: place("large-run"),
    smallRun: place("small-run"),
  };
  writeA(contexts.A);
  writeB(contexts.B);
  writeC(contexts.C);
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
      C: await timeBuilds("c", contexts.C, engines, runs, REGISTRY),
    };
  }
  if (wanted("rootless")) {
    const rootless = rootlessEngines(place("rootless"), contexts.C);
    figures.rootless = await timeBuilds("rootless", contexts.C, rootless, runs, REGISTRY);
  }
  if (wanted("more")) {
    writeSeven(contexts.seven);
    writeTree(contexts.tree);
    const [ours, , , buildah] = engines as [BenchEngine, BenchEngine, BenchEngine, BenchEngine];
    const [user] = rootlessEngines(place("rootless-seven"), contexts.seven) as [BenchEngine];
    figures.more = {
      // Only ours has emulators for all of them: the machine has registered one.
      "RUN for seven platforms at once": await timeBuilds("seven", contexts.seven, [ours, user], runs, REGISTRY, SEVEN_PLATFORMS),
      "A tree of 20,000 files with RUN, for amd64 and arm64": await timeBuilds(
        "tree",
        contexts.tree,
        [engines[0]!, engines[1]!, engines[2]!, buildah],
        Math.min(runs, 3),
        REGISTRY,
      ),
    };
  }
  if (wanted("blobs")) figures.blobs = await blobs();
  if (wanted("memory")) {
    writeLarge(contexts.large);
    const archive = join(folder, "out.tar");
    writeLargeRun(contexts.smallRun, 20);
    writeLargeRun(contexts.largeRun, 1000);
    figures.memory = {
      "A, two platforms": [],
      "B, two platforms": [],
      "a layer of 2 GB, one platform": [],
      "C, two platforms": [],
      "a RUN that makes 20 MB, one platform": [],
      "a RUN that makes 1 GB, one platform": [],
    };
    const into = Object.values(figures.memory) as (typeof rows)[];
    const rows: Awaited<ReturnType<typeof buildMemory>>[] = [];
    for (const engine of engines) {
      const two = "linux/amd64,linux/arm64";
      const one = "linux/amd64";
      const what = [
        [contexts.A, two],
        [contexts.B, two],
        [contexts.large, one],
        [contexts.C, two],
        [contexts.smallRun, one],
        [contexts.largeRun, one],
      ] as const;
      for (const [number, [context, platforms]] of what.entries()) into[number]!.push(await buildMemory(context, platforms, engine, archive));
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
