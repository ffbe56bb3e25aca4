// Run by hand, as root: npx tsx bench/nodes.ts. What docs/nodes.md says of 10 images for 6 platforms on one node and on two comes from here.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeWorld } from "../src/adapters/node/world.ts";
import { build } from "../src/api/build.ts";
import { baseReference, peerEnvironment } from "../test/compare/places.ts";
import { type NodeHost, nodeHosts } from "../test/harness/node-hosts.ts";

const IMAGES = 10;
const AT_ONCE = 5;
const PLATFORMS = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/ppc64le", "linux/s390x"];
/** What is copied into each image, and what its RUN step makes for each platform: neither can be compressed. */
const CONTEXT_BYTES = 1 << 20;
const MADE_BYTES = 2 << 20;

interface Job {
  readonly folder: string;
  readonly registry: string;
  readonly nodes: readonly string[];
  readonly directPush: boolean;
  readonly images: readonly string[];
}

interface Measured {
  readonly seconds: number;
  /** Of this program, and of the Buildx processes that run at once, in bytes. */
  readonly peakBytes: number;
  readonly buildxBytes: number;
  readonly buildxProcesses: number;
}

/** Runs in a process of its own, so that its memory is this job's. */
async function work({ folder, registry, nodes, directPush, images }: Job): Promise<Measured> {
  const world = { ...nodeWorld(), env: peerEnvironment({ BUILDX_CONFIG: join(folder, "users-buildx") }), home: folder, cwd: folder };
  const buildx = { processes: 0, bytes: 0 };
  const look = setInterval(() => {
    const now = buildxNow();
    buildx.processes = Math.max(buildx.processes, now.length);
    buildx.bytes = Math.max(
      buildx.bytes,
      now.reduce((sum, one) => sum + one, 0),
    );
  }, 500);
  const waiting = [...images];
  const began = performance.now();
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const tags = [`${registry}/${name}:1`];
      await build({ context: join(folder, name), nodes, tags, push: true, directPush, insecureRegistries: [registry], store: join(folder, "store") }, world);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const seconds = (performance.now() - began) / 1000;
  clearInterval(look);
  return { seconds, peakBytes: process.resourceUsage().maxRSS * 1024, buildxBytes: buildx.bytes, buildxProcesses: buildx.processes };
}

/** Resident bytes of each Buildx that builds for our nodes now. */
function buildxNow(): readonly number[] {
  const { stdout } = spawnSync("ps", ["-eo", "rss=,args="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [, kib, args = ""] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return args.includes("docker-buildx buildx build") && args.includes("--builder multihull-") && !args.includes("ps -eo") ? [Number(kib) * 1024] : [];
  });
}

function context(folder: string, name: string, registry: string): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, "data"), randomBytes(CONTEXT_BYTES));
  const base = `${registry}/base/busybox:1`;
  const made = `echo $TARGETPLATFORM; head -c ${MADE_BYTES} /dev/urandom > /made; for i in 1 2 3 4 5 6 7 8; do sha512sum /made /data; done > /sums`;
  // The nodes are of one kind here: a program runs as fast as it would where its platform is native.
  const make = `FROM --platform=$BUILDPLATFORM ${base} AS make\nARG TARGETPLATFORM\nCOPY data /data\nRUN ${made}\n`;
  writeFileSync(join(folder, name, "Dockerfile"), `${make}FROM ${base}\nCOPY data /data\nCOPY --from=make /made /sums /\n`);
}

/** One core for each host, so that two have twice what one has. */
function pin(host: NodeHost, core: number): void {
  const { stdout } = spawnSync("ip", ["netns", "pids", host.namespace], { encoding: "utf8" });
  for (const pid of stdout.split("\n").filter((line) => line !== "")) spawnSync("taskset", ["-a", "-p", "-c", String(core), pid]);
}

async function main(): Promise<void> {
  const net = await nodeHosts(2, [baseReference("busybox")]);
  try {
    const [one, two] = net.hosts as [NodeHost, NodeHost];
    for (const [i, host] of net.hosts.entries()) pin(host, i);
    const half = PLATFORMS.length / 2;
    const split = [`${PLATFORMS.slice(0, half).join(",")}=${one.endpoint}`, `${PLATFORMS.slice(half).join(",")}=${two.endpoint}`];
    const ways = [
      ["one node", [`${PLATFORMS.join(",")}=${one.endpoint}`], false],
      ["two nodes", split, false],
      ["two nodes, --direct-push", split, true],
    ] as const;
    const mib = (bytes: number): string => (bytes / (1 << 20)).toFixed(0);
    console.log(
      "| | run | s | to nodes, MiB | from nodes, MiB | multihull, MiB | Buildx processes | Buildx, MiB |\n| --- | --- | --: | --: | --: | --: | --: | --: |",
    );
    for (const [w, [name, nodes, directPush]] of ways.entries()) {
      const images = Array.from({ length: IMAGES }, (_, i) => `way-${w}-${i}`);
      for (const image of images) context(net.folder, image, net.registry);
      for (const which of ["first", "again"]) {
        const before = net.hosts.map((host) => host.traffic());
        const job: Job = { folder: net.folder, registry: net.registry, nodes, directPush, images };
        const ran = spawnSync(process.execPath, [...process.execArgv, import.meta.filename, JSON.stringify(job)], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "inherit"],
        });
        if (ran.status !== 0) throw new Error(`${name}, ${which}: status ${ran.status}`);
        const got = JSON.parse(ran.stdout) as Measured;
        const moved = (way: "received" | "sent"): number => net.hosts.reduce((sum, host, i) => sum + host.traffic()[way] - (before[i]?.[way] ?? 0), 0);
        const cells = [
          name,
          which,
          got.seconds.toFixed(1),
          mib(moved("received")),
          mib(moved("sent")),
          mib(got.peakBytes),
          got.buildxProcesses,
          mib(got.buildxBytes),
        ];
        console.log(`| ${cells.join(" | ")} |`);
      }
      rmSync(join(net.folder, "store"), { recursive: true, force: true });
    }
  } finally {
    await net.end();
  }
}

const [, , job] = process.argv;
if (job === undefined) await main();
else process.stdout.write(JSON.stringify(await work(JSON.parse(job) as Job)));
