import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";
import type { BlobTimes } from "./blob.ts";
import type { BuildTimes } from "./builds.ts";
import { median } from "./measure.ts";
import type { BuildMemory } from "./memory.ts";

/** Everything one run of the benchmark found. A part that was not run is absent. */
export interface Figures {
  readonly day: string;
  readonly runs: number;
  readonly versions: readonly string[];
  readonly loadBefore: number;
  readonly builds?: Readonly<Record<"A" | "B" | "C", readonly BuildTimes[]>>;
  /** C as an ordinary user. */
  readonly rootless?: readonly BuildTimes[];
  /** By what was built: other builds with RUN. */
  readonly more?: Readonly<Record<string, readonly BuildTimes[]>>;
  readonly blobs?: readonly BlobTimes[];
  readonly memory?: Readonly<Record<string, readonly BuildMemory[]>>;
  readonly startMs?: Readonly<Record<string, readonly number[]>>;
}

const GOALS = { "A cold": 0.5, "B cold": 0.2, "C cold": 0.8, "A warm": 0.5, "B warm": 0.5, "C warm": 0.5 } as const;
const ROOTLESS_GOAL = 0.3;
const seconds = (value: number): string => value.toFixed(2);
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, column) => (column === 0 ? "---" : "--:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
const spread = (values: readonly number[]): string => `${seconds(median(values))} (${seconds(Math.min(...values))}–${seconds(Math.max(...values))})`;

/** bench/README.md, wholly made from the figures. */
export function report(figures: Figures): string {
  return [
    "# Figures",
    "",
    "Written by `npm run bench`; do not edit. Everything in one table was measured in one run, side by side and in turns. Times are medians (least–most) in seconds.",
    "Ratios are what counts; differences under 25 % mean nothing on such machines. What the builds are, and how cold is cold: at the end.",
    "",
    `${figures.day}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}. ` +
      `Load average ${figures.loadBefore.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} after. ${figures.versions.join(", ")}.`,
    ...(figures.builds === undefined
      ? []
      : ["", "## Builds for amd64 and arm64, pushed to docker-registry on loopback", "", ...buildTables(figures.builds, figures.runs)]),
    ...(figures.rootless === undefined
      ? []
      : ["", "## C as an ordinary user with subordinate ids", "", ...pairTable(figures.rootless, figures.runs, ROOTLESS_GOAL)]),
    ...Object.entries(figures.more ?? {}).flatMap(([what, times]) => ["", `## ${what}`, "", ...pairTable(times, figures.runs)]),
    ...(figures.blobs === undefined ? [] : ["", "## A blob of 500 MB through a registry, by curl", "", blobTable(figures.blobs)]),
    ...(figures.memory === undefined ? [] : ["", "## Memory", "", ...memoryTables(figures.memory)]),
    ...(figures.startMs === undefined ? [] : ["", "## Start", "", startTable(figures.startMs)]),
    "",
    "## What is measured",
    "",
    "- A: `FROM scratch`, `COPY` of 50 MB of program bytes (a stretch of Node's executable, another for each platform). B: Debian, `COPY` of 2,000 small files, ENV, LABEL, USER, WORKDIR.",
    "- C: a `$BUILDPLATFORM` stage with two `RUN`, `COPY --from`, and one `RUN` in each image, emulated for arm64. Seven platforms: two `RUN` each. The tree: `COPY` of 20,000 files, two `RUN` that touch a quarter.",
    "- Cold: caches, images and the base are removed (ours: an empty store), and the repository is new. Warm: the same command again.",
    "- A time is that of the whole process, from its start to its end. BuildKit and Docker are driven by `docker buildx build`, their daemons run all along.",
    "- Memory is the kernel's high-water mark (`VmHWM`) of the command and of the daemons, an OCI archive being written.",
    "",
  ].join("\n");
}

function buildTables(builds: NonNullable<Figures["builds"]>, runs: number): string[] {
  const of = (name: "A" | "B" | "C", kind: "cold" | "warm", engine: number): readonly number[] => builds[name][engine]![kind];
  const engines = builds.A.map((each) => each.engine);
  const columns = ["A cold", "A warm", "B cold", "B warm", "C cold", "C warm"] as const;
  const parts = columns.map((column) => column.split(" ") as ["A" | "B" | "C", "cold" | "warm"]);
  const rows = engines.map((engine, number) => [engine, ...parts.map(([name, kind]) => spread(of(name, kind, number)))]);
  const ratios = parts.map(([name, kind]) => median(of(name, kind, 0)) / median(of(name, kind, 1)));
  const others = engines
    .slice(2)
    .map((engine, number) => [`to ${engine}`, ...parts.map(([name, kind]) => seconds(median(of(name, kind, 0)) / median(of(name, kind, number + 2))))]);
  return [
    table([`medians of ${runs}, s`, ...columns], rows),
    "",
    table(
      ["ratio", ...columns],
      [
        ["to BuildKit alone", ...ratios.map(seconds)],
        ["goal", ...columns.map((column) => `at most ${GOALS[column]}`)],
        ["", ...columns.map((column, number) => (ratios[number]! <= GOALS[column] ? "met" : "**missed**"))],
        ...others,
      ],
    ),
  ];
}

/** Ours and others', cold and warm, and the ratios to each. */
function pairTable(times: readonly BuildTimes[], runs: number, goal?: number): string[] {
  const [ours, ...others] = times;
  if (ours === undefined) return [];
  const ratio = (other: BuildTimes, kind: "cold" | "warm"): string => seconds(median(ours[kind]) / median(other[kind]));
  const met = (other: BuildTimes): string =>
    goal === undefined ? "" : `goal cold at most ${goal}: ${median(ours.cold) / median(other.cold) <= goal ? "met" : "**missed**"}`;
  return [
    table(
      [`medians of ${runs}, s`, "cold", "warm", "ours by it, cold", "warm", ""],
      times.map((each) => [
        each.engine,
        spread(each.cold),
        spread(each.warm),
        ...(each === ours ? ["", "", ""] : [ratio(each, "cold"), ratio(each, "warm"), met(each)]),
      ]),
    ),
    ...(others.length === 0 ? ["", "Nobody else here can build it."] : []),
  ];
}

function blobTable(blobs: readonly BlobTimes[]): string {
  const [ours, theirs] = blobs;
  const rows = blobs.map((each) => [each.registry, spread(each.put), spread(each.get), `${Math.round(each.peakMiB)} MiB`]);
  if (ours === undefined || theirs === undefined) return table(["", "PUT", "GET", "memory of the registry"], rows);
  const ratio = (kind: "put" | "get"): string => {
    const value = median(ours[kind]) / median(theirs[kind]);
    return `${seconds(value)}, goal at most 1: ${value <= 1 ? "met" : "**missed**"}`;
  };
  return table(["", "PUT", "GET", "memory of the registry"], [...rows, ["ratio", ratio("put"), ratio("get"), ""]]);
}

function memoryTables(memory: NonNullable<Figures["memory"]>): string[] {
  return Object.entries(memory).flatMap(([what, rows]) => {
    const sum = (each: BuildMemory): number => each.clientMiB + each.daemonMiB;
    const lines = rows.map((each) => [
      each.engine,
      `${Math.round(each.clientMiB)}`,
      `${Math.round(each.daemonMiB)}`,
      `${Math.round(sum(each))}`,
      seconds(each.seconds),
    ]);
    const goal =
      rows[0] !== undefined && what.includes("2 GB")
        ? [`Goal for a layer of 2 GB: under 300 MB: ${sum(rows[0]) * 1.048576 < 300 ? "met" : "**missed**"}.`, ""]
        : [];
    return [table([`${what}, MiB`, "command", "daemons", "together", "time, s"], lines), "", ...goal];
  });
}

const goalOfStart = (what: string, values: readonly number[]): string =>
  !what.startsWith("multihull") ? "for comparison" : median(values) < 150 ? "met" : "**missed**";

function startTable(startMs: NonNullable<Figures["startMs"]>): string {
  return table(
    ["from start to the first useful line", "median, ms", "least, ms", "goal under 150 ms"],
    Object.entries(startMs).map(([what, values]) => [what, median(values).toFixed(0), Math.min(...values).toFixed(0), goalOfStart(what, values)]),
  );
}

/** Versions of what was measured against, each as its program says it. */
export function versionOf(program: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  return execFileSync(program, args, { env, encoding: "utf8" }).trim().split("\n")[0]!;
}
