import pc from "picocolors";
import { clean } from "../clean.ts";
import { padTo } from "../columns.ts";
import type { Colors } from "../progress/tty.ts";

/** What `hostText` prints. */
export interface ShownHost {
  readonly machine: string;
  readonly world: string;
  readonly why: string;
  readonly notes: readonly string[];
  readonly snapshots: string;
  readonly platforms: readonly ShownPlatform[];
}

interface ShownPlatform {
  readonly platform: string;
  readonly how: "native" | "emulated" | "impossible";
  readonly why: string;
}

const PLAIN: Colors = pc.createColors(false);
const SNAPSHOTS: Readonly<Record<string, string>> = {
  overlay: "overlay mounts: a step costs what it changes",
  copy: "copies: each step costs a copy of its stage's files",
};

/** What this machine can do for RUN steps, for people: the world, then a line for each platform, then what it costs or the ways out. Ends without a line feed. */
export function hostText(report: ShownHost, colors: Colors = PLAIN): string {
  const { machine, world, why, notes, snapshots, platforms } = report;
  const none = world === "none";
  const head = [
    `${colors.bold("machine")}  ${clean(machine)}`,
    `${colors.bold("sandbox")}  ${none ? colors.red("none") : colors.green(world)}: ${clean(why)}`,
    ...(none ? [] : [`${colors.bold("files")}    ${SNAPSHOTS[snapshots] ?? snapshots}`]),
  ];
  const nameWidth = Math.max(0, ...platforms.map(({ platform }) => platform.length));
  const rows = platforms.map(
    ({ platform, how, why: reason }) => `${padTo(platform, nameWidth)}  ${paintOf(how, colors)(padTo(how, "impossible".length))}  ${clean(reason)}`,
  );
  const told = notes.map((note) => `${none ? colors.cyan("help:") : colors.yellow("note:")} ${clean(note)}`);
  const missing = !none && platforms.some(({ how }) => how === "impossible");
  const help = missing ? [`${colors.cyan("help:")} ${EMULATOR_HELP}`] : [];
  return [head.join("\n"), ...(none ? [] : [rows.join("\n")]), ...(told.length + help.length === 0 ? [] : [[...told, ...help].join("\n")])].join("\n\n");
}

const EMULATOR_HELP =
  "for what is impossible install the package qemu-user-static, or let multihull fetch QEMU: --emulator debian, or --emulator IMAGE@sha256:…; or build it on a machine of its own";

function paintOf(how: ShownPlatform["how"], colors: Colors): (text: string) => string {
  if (how === "native") return (text) => colors.green(text);
  return how === "emulated" ? (text) => colors.yellow(text) : (text) => colors.red(text);
}
