import { apkWithoutEmulation } from "../../../facts/alpine.ts";
import type { Confidence, Fact, Prediction, Remedy } from "../../../findings/finding.ts";
import { advice } from "../../remedies/remedy.ts";
import type { BuildEvent } from "../../rule.ts";
import type { ProgramRun } from "../program-runs.ts";
import { baseImageOf } from "./base-image.ts";

/** What of a RUN the emulator in BuildKit's image is known to be unable to run. */
export interface Beyond {
  readonly run: ProgramRun;
  /** `"apk add" of Alpine 3.23.0`. */
  readonly what: string;
  readonly confidence: Exclude<Confidence, "certain">;
  readonly log: Prediction | undefined;
  readonly cause: string;
  readonly facts: readonly Fact[];
  readonly otherwise: Remedy | undefined;
}

/** The surest of the first RUNs that something is known against; undefined when nothing is. */
export function worstBeyond(runs: readonly ProgramRun[], at: BuildEvent): Beyond | undefined {
  const first = (judge: (run: ProgramRun) => Beyond | undefined): Beyond | undefined => runs.flatMap((run) => judge(run) ?? [])[0];
  return first((run) => apkScripts(run, at)) ?? first(otherRoot) ?? first(packageScripts);
}

const APK_ADD = /(?:^|[\s;&|(])apk\s(?:[^\n;&|]*\s)?add\s/;
/** The fixed release comes with the update. */
const APK_UPGRADE = /(?:^|[\s;&|(])apk\s(?:[^\n;&|]*\s)?upgrade(?:\s|$)|apk\s[^\n;&|]*add\s[^\n;&|]*apk-tools/;

function apkScripts(run: ProgramRun, at: BuildEvent): Beyond | undefined {
  if (!APK_ADD.test(textOf(run)) || !run.instruction.command.shell) return undefined;
  const image = baseImageOf(run.stage.stage, at);
  const known = image === undefined ? undefined : apkWithoutEmulation(image, at.trace.asOf);
  if (image === undefined || known === undefined) return undefined;
  const before = run.stage.instructions.slice(0, run.stage.instructions.indexOf(run.instruction) + 1);
  if (before.some((one) => one.kind === "run" && APK_UPGRADE.test(one.original))) return undefined;
  return {
    run,
    what: `"apk add" of image "${image}"`,
    // Only packages with a script fail; few lists have none, for BusyBox's own runs at each.
    confidence: "likely",
    log: { tool: "apk", lines: ["* execve: No such file or directory"] },
    cause: `apk-tools ${known.version}, which image "${image}" has, starts the scripts of packages from a file that has no name, which the emulator in BuildKit's image cannot find again; one in the kernel can`,
    facts: [{ sentence: `image "${image}" has apk-tools ${known.version} (${known.source})`, place: undefined }],
    otherwise: advice("take a newer release of the base image", "none, where nothing hangs on that release"),
  };
}

/** Another root folder, in which BuildKit's emulator does not lie. */
const OTHER_ROOT: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(?:^|[\s;&|(])debootstrap\s(?!.*--foreign)/, "debootstrap"],
  [/(?:^|[\s;&|(])chroot\s+(?!--)[/$\w]/, "chroot"],
  [/(?:^|[\s;&|(])(?:dnf|yum|microdnf|zypper)\s[^\n;&|]*--(?:installroot|root)[=\s]/, "an installation into another root folder"],
  [/(?:^|[\s;&|(])apk\s[^\n;&|]*(?:\s-p|--root)[=\s]/, "an installation into another root folder"],
];

function otherRoot(run: ProgramRun): Beyond | undefined {
  const what = OTHER_ROOT.find(([pattern]) => pattern.test(textOf(run)))?.[1];
  if (what === undefined) return undefined;
  return {
    run,
    what,
    confidence: "possible",
    log: undefined,
    cause: "BuildKit puts its emulator into the build's root folder, and within another root folder the programs that are started do not find it",
    facts: [],
    otherwise: undefined,
  };
}

const PACKAGES = /(?:^|[\s;&|(])(apk|apt-get|apt|dnf|yum|microdnf|zypper)\s(?:[^\n;&|]*\s)?(add|install|upgrade|dist-upgrade)(?:\s|$)/;

/** What most reports are about: packages bring scripts, which start programs in ways that others do not. */
function packageScripts(run: ProgramRun): Beyond | undefined {
  const [, tool, verb] = PACKAGES.exec(textOf(run)) ?? [];
  if (tool === undefined) return undefined;
  return {
    run,
    what: `"${tool} ${verb}"`,
    confidence: "possible",
    log: undefined,
    cause:
      "no emulator is registered in the machine's kernel, so BuildKit puts its own before each program that a RUN starts; the scripts of packages have often lost it, or crashed it, for it is as old as the builder's image",
    facts: [],
    otherwise: undefined,
  };
}

const textOf = ({ instruction }: ProgramRun): string => [...instruction.command.words, ...instruction.heredocs.map(({ content }) => content)].join("\n");
