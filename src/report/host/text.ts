import pc from "picocolors";
import type { HostFacts } from "../../host/facts.ts";
import type { BuildPrediction } from "../../host/predict.ts";
import { clean } from "../clean.ts";
import { padTo } from "../columns.ts";
import type { Colors } from "../progress/tty.ts";
import { type FactRow, factHelps, factRows } from "./facts-text.ts";
import { predictionText } from "./prediction-text.ts";
import { type ShownPlatform, waysText } from "./ways-text.ts";

/** What `hostText` prints. */
export interface ShownHost {
  readonly machine: string;
  readonly world: string;
  readonly why: string;
  readonly notes: readonly string[];
  readonly snapshots: string;
  readonly facts: HostFacts;
  readonly platforms: readonly ShownPlatform[];
  readonly prediction: BuildPrediction;
}

const PLAIN: Colors = pc.createColors(false);
const SNAPSHOTS: Readonly<Record<string, string>> = {
  overlay: "overlay mounts: a step costs what it changes",
  copy: "copies: each step costs a copy of its stage's files",
};

/** What this machine has and can build, for people: facts, a table of platforms and engines with the reasons, what Docker would say, what helps. Ends without a line feed. */
export function hostText(report: ShownHost, colors: Colors = PLAIN): string {
  const { machine, world, why, snapshots, facts, platforms, prediction } = report;
  const rows: readonly FactRow[] = [
    ["machine", clean(machine)],
    ...factRows(facts, colors),
    ["sandbox", `${world === "none" ? colors.red("none") : colors.green(clean(world))}: ${clean(why)}`],
    ...(world === "none" ? [] : [["files", SNAPSHOTS[snapshots] ?? clean(snapshots)] as const]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const told = toldBelow(report, colors);
  return [
    rows.map(([label, text]) => `${colors.bold(padTo(label, width))}  ${text}`),
    waysText(platforms, colors),
    predictionText(prediction, colors),
    ...(told.length === 0 ? [] : [told]),
  ]
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** What the sandbox costs, and the ways out of what is missing. */
function toldBelow({ world, notes, facts, platforms, prediction }: ShownHost, colors: Colors): readonly string[] {
  const told = notes.map((note) => `${world === "none" ? colors.cyan("help:") : colors.yellow("note:")} ${clean(note)}`);
  const already = new Set(prediction.remedies.map(({ title }) => title));
  const helps = factHelps(facts).filter((help) => !already.has(help));
  const lacksEmulator = world !== "none" && platforms.some(({ ways }) => ways[0]?.run === "impossible");
  return [...told, ...[...helps, ...(lacksEmulator ? [EMULATOR_HELP] : [])].map((help) => `${colors.cyan("help:")} ${clean(help)}`)];
}

const EMULATOR_HELP =
  "for RUN of what multihull cannot run install the package qemu-user-static, or let it fetch QEMU: --emulator debian, or --emulator IMAGE@sha256:…; or build it on a machine of its own";
