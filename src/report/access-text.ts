import type { AccessLine } from "../core/access-line.ts";
import { bytesText, durationText } from "../core/quantity.ts";

/** One request to the embedded registry, for a log. */
export function accessLineText(line: AccessLine): string {
  return `${line.method} ${line.url} ${line.status} ${bytesText(line.bytes)} ${durationText(line.durationMs)}${line.complete ? "" : " (client went away)"}`;
}
