import { formatPlatform, type Platform, parsePlatform } from "../../../core/platform.ts";
import { isProblem } from "../../../core/problem.ts";
import { runsNatively } from "../../../simulate/emulation.ts";
import type { Runner } from "../../../simulate/environment.ts";
import { type Refusal, refuse } from "../../../yaml/edits/edit.ts";
import { amdLabel, armLabel } from "./labels.ts";

/** A platform with the runner that builds it: a row of the matrix. */
export interface PlatformRow {
  readonly platform: string;
  readonly runner: string;
  /** Fit for names of artifacts, tags and cache scopes: `linux-arm-v7`. */
  readonly name: string;
  /** No runner of GitHub's runs its programs for sure. */
  readonly emulated: boolean;
}

/** Each platform on a runner of its own architecture, as far as there is one; refused where nothing is gained. */
export function platformRows(platforms: readonly string[], label: string, { image, architecture }: Runner, asOf: string): readonly PlatformRow[] | Refusal {
  if (image === undefined || (architecture !== "amd64" && architecture !== "arm64")) return refuse(`nobody knows what the runner "${label}" is`);
  const other = architecture === "amd64" ? armLabel(image, asOf) : amdLabel(image, asOf);
  if (other === undefined) return refuse(`GitHub has no ${architecture === "amd64" ? "arm64" : "amd64"} runner beside "${label}" on ${asOf}`);
  const labels = architecture === "amd64" ? { amd64: label, arm64: other.label } : { amd64: other.label, arm64: label };
  const parsed = platforms.map(platformOf);
  const rows: PlatformRow[] = [];
  let gained = false;
  for (const [i, platform] of parsed.entries()) {
    const written = platforms[i] as string;
    if (platform === undefined || platform.os !== "linux") return refuse(`"${written}" is no platform of Linux`);
    const on = platform.architecture === "arm64" || platform.architecture === "arm" ? "arm64" : "amd64";
    const emulated = runsNatively(on, platform) !== true;
    gained ||= !emulated && runsNatively(architecture, platform) !== true;
    rows.push({ platform: written, runner: labels[on], name: formatPlatform(platform).replaceAll("/", "-"), emulated });
  }
  if (!gained) return refuse(`no platform of it would run natively that does not on "${label}"`);
  if (new Set(rows.map(({ name }) => name)).size < rows.length) return refuse("a platform stands twice in its list");
  return rows;
}

function platformOf(text: string): Platform | undefined {
  try {
    return parsePlatform(text);
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}
