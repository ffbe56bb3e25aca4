import table from "../../data/buildx.json" with { type: "json" };
import { rowAt } from "./dated.ts";
import { atLeast } from "./version.ts";

/** What Buildx says when it refuses. */
export type BuildxMessage = keyof typeof table.messages;
/** `build`: `docker buildx build` and `docker build`. `other`: bake, and what else runs Buildx. */
export type BuildxCommand = keyof typeof table.prefixes;

interface Since {
  readonly from: string;
}

/** The newest row that a version has; of an unknown version, the newest of all. Undefined before the first. */
function rowOf<T extends Since>(rows: readonly T[], version: string | undefined): T | undefined {
  return version === undefined ? rows.at(-1) : rows.findLast((row) => atLeast(version, row.from) === true);
}

/**
 * The lines of a refusal as a version of Buildx prints them, the command's prefix before the first; undefined where that version does not refuse.
 * @param version  undefined: the newest that is known
 */
export function buildxLines(
  message: BuildxMessage,
  values: Readonly<Record<string, string>>,
  version: string | undefined,
  command: BuildxCommand,
): readonly string[] | undefined {
  const rows: readonly { readonly from: string; readonly lines: readonly string[] }[] = table.messages[message];
  const prefix = rowOf(table.prefixes[command], version)?.text ?? "";
  return rowOf(rows, version)?.lines.map((line, i) => (i === 0 ? prefix : "") + filled(line, values));
}

/** Since which release Buildx does a thing. Unknown versions do it. */
export function buildxDoes(what: keyof typeof table.since, version: string | undefined): boolean {
  return version === undefined || atLeast(version, table.since[what]) !== false;
}

/** The release of Buildx from which `docker buildx build` takes a flag (`annotation`); undefined for one that it always took, or that nobody looked for. */
export const buildxTakes = (flag: string): string | undefined => versionIn(table.flags, flag);

/** The release of Buildx from which it has a driver (`remote`); undefined for a driver that is not known. */
export const buildxHasDriver = (driver: string): string | undefined => versionIn(table.drivers, driver);

function versionIn(rows: Readonly<Record<string, string>>, name: string): string | undefined {
  const version = Object.hasOwn(rows, name) ? rows[name] : undefined;
  return version !== undefined && /^\d+\.\d+\.\d+$/.test(version) ? version : undefined;
}

/** The release that `latest` meant at a date. */
export const latestBuildx = (asOf: string): string => (rowAt(table.releases, asOf) ?? (table.releases[0] as { version: string })).version;

/** Whether a BuildKit can have several outputs; undefined where nobody looked. */
export const buildkitTakesSeveralOutputs = (version: string): boolean | undefined => atLeast(version, table.severalOutputs.buildkit);

/** The same of the BuildKit inside a Docker Engine. */
export function dockerTakesSeveralOutputs(version: string | undefined): boolean | undefined {
  if (version === undefined) return undefined;
  if (atLeast(version, table.severalOutputs.dockerCertain) === true) return true;
  return atLeast(version, table.severalOutputs.dockerNever) === false ? false : undefined;
}

/** Whether BuildKit's own image holds an emulator for an architecture; undefined where that changed in the course of time. */
export function buildkitImageEmulates(architecture: string): boolean | undefined {
  if (table.emulators.inImage.includes(architecture)) return true;
  return table.emulators.formerly.includes(architecture) ? undefined : false;
}

/** Whether an image (`moby/buildkit:v0.13`) is BuildKit's own, which holds emulators. */
export function isBuildkitImage(image: string): boolean {
  return table.emulators.images.some((name) => image === name || image.startsWith(`${name}:`) || image.startsWith(`${name}@`));
}

/** The image of a `docker-container` builder that names none. */
export const BUILDKIT_IMAGE: string = table.emulators.default;

/** The release that brought a thing, for messages. */
export const buildxSince = (what: keyof typeof table.since): string => table.since[what];

/** The line that an action adds below what Buildx printed. */
export const actionLine = (action: "docker/build-push-action" | "docker/bake-action", last: string): string => filled(table.actions[action], { last });

/** What the classic builder prints before anything else (Docker 23 and newer). */
export const LEGACY_WARNING: readonly string[] = table.legacyBuilder.warning;
/** The same where Buildx is not installed. */
export const LEGACY_WITHOUT_BUILDX: readonly string[] = table.legacyBuilder.withoutBuildx;
/** What `docker buildx build` with a flag prints where Buildx is not installed; undefined for a Docker that nobody looked at. @param docker  of the command line */
export const withoutBuildxLines = (flag: string, docker: string): readonly string[] | undefined =>
  rowOf(table.legacyBuilder.buildxCommandWithoutBuildx, docker)?.lines.map((line) => filled(line, { flag }));
export const legacyPlatformsLine = (component: string, platforms: string): string => filled(table.legacyBuilder.platforms, { component, platforms });
export const legacyFlagLine = (flag: string): string => filled(table.legacyBuilder.flag, { flag });

const filled = (text: string, values: Readonly<Record<string, string>>): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
