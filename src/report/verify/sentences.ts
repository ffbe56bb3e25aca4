import { bytesText, countText, durationText } from "../../core/quantity.ts";
import type { FileDifference, PlatformComparison } from "../../verify/against/comparison.ts";
import type { ImageFinding, ImagePlace, LayerPlace } from "../../verify/finding.ts";
import type { VerifiedPlatform, VerifyReport } from "../../verify/report.ts";
import type { SmokeResult } from "../../verify/smoke.ts";
import { foundText } from "../severities.ts";

/** Of longer lines of history, only the beginning is shown: a RUN may hold a whole script. */
const LONGEST_LINE = 200;

/** `layer 2 (sha256:0123456789ab): COPY app /app`. */
export const layerText = ({ number, digest, createdBy }: LayerPlace): string =>
  `layer ${number} (${shortDigest(digest)})${createdBy === undefined ? "" : `: ${shortLine(createdBy)}`}`;

export const shortDigest = (digest: string): string => digest.replace(/^(sha\d+:[0-9a-f]{12})[0-9a-f]+$/, "$1");

function shortLine(line: string): string {
  const text = line.replace(/\s+/g, " ").trim();
  return text.length <= LONGEST_LINE ? text : `${text.slice(0, LONGEST_LINE)}…`;
}

/** `/a, /b and 7 more`; undefined where no path is told. */
export function pathsText({ paths = [], pathCount }: ImagePlace): string | undefined {
  if (paths.length === 0) return undefined;
  const rest = (pathCount ?? paths.length) - paths.length;
  return `${paths.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** Of one platform: `2 errors`, `ok, 1 hint`. Nothing is sound of which the files are not known. */
export function verdictText({ name, files }: VerifiedPlatform, findings: readonly ImageFinding[]): string {
  const own = findings.filter(({ at }) => at.platform === name);
  if (own.some(({ severity }) => severity !== "info")) return foundText(own);
  return [files === undefined ? "not all known" : "ok", ...(own.length === 0 ? [] : [foundText(own)])].join(", ");
}

/** `1 error and 2 hints in 2 platforms; 3 layers looked into, 1 remembered, 12.3 MB read`. */
export function verifySummary({ findings, platforms, read: { bytes, layers, remembered } }: VerifyReport): string {
  const parts = [
    ...(layers === 0 ? [] : [`${countText(layers, "layer")} looked into`]),
    ...(remembered === 0 ? [] : [`${layers === 0 ? countText(remembered, "layer") : remembered} remembered`]),
    ...(bytes === 0 ? [] : [`${bytesText(bytes)} read`]),
  ];
  return `${foundText(findings)} in ${countText(platforms.length, "platform")}${parts.length === 0 ? "" : `; ${parts.join(", ")}`}`;
}

/** What differs, of one platform, without its files. */
export function comparisonText({ presence, identical, config, layers, files }: PlatformComparison): string {
  if (presence !== "both") return presence === "only-this" ? "only in this image" : "only in the other image";
  if (identical) return "identical";
  const total = layers.shared + layers.onlyThis;
  const counts = files === undefined ? [] : FILE_COUNTS.flatMap(([key, words]) => (files[key] === 0 ? [] : [`${files[key]} ${words}`]));
  const parts = [
    config.length === 0 ? "" : `differs in ${config.map(({ field }) => field).join(", ")}`,
    `${layers.shared} of ${countText(total, "layer")} shared`,
    layers.repacked === 0 ? "" : `${layers.repacked} only packed otherwise`,
    files === undefined ? "files could not be compared" : counts.length === 0 ? "files are equal" : `files: ${counts.join(", ")}`,
  ];
  return parts.filter((part) => part !== "").join("; ");
}

const FILE_COUNTS = [
  ["added", "added"],
  ["removed", "removed"],
  ["changed", "changed"],
  ["timesOnly", "with another time only"],
  ["uncompared", "not compared by content"],
] as const;

/** `+ /a`, `- /b`, `~ /c (mode, owner)`. */
export const differenceText = ({ path, change, what }: FileDifference): string =>
  `${{ added: "+", removed: "-", changed: "~" }[change]} ${path}${what.length === 0 ? "" : ` (${what.join(", ")})`}`;

/** So many of them, in their order: where there is not room for all, those that differ in more than their time. */
export function foremost(list: readonly FileDifference[], most: number): readonly FileDifference[] {
  if (list.length <= most) return list;
  const isTime = ({ what }: FileDifference): boolean => what.length === 1 && what[0] === "mtime";
  return [...list.filter((one) => !isTime(one)), ...list.filter(isTime)].slice(0, most);
}

/** `passed, emulated, 0.3s: it exited with status 0`. */
export const smokeText = ({ state, how, ms, why }: SmokeResult): string =>
  `${[state === "not-run" ? "not run" : state, ...(how === undefined ? [] : [how, durationText(ms)])].join(", ")}: ${why}`;

/** The last lines of what a start printed. */
export function lastLines(output: string, most: number): readonly string[] {
  const lines = output.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
  return lines.length === 1 && lines[0] === "" ? [] : lines.slice(-most);
}
