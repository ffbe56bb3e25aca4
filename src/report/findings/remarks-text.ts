import type { Place } from "../../core/span.ts";
import type { Finding } from "../../findings/finding.ts";
import { clean } from "../clean.ts";
import type { Colors } from "../progress/tty.ts";
import { regionOf } from "./region.ts";
import { fixCommand } from "./sentences.ts";

/** Of more places of one remark, only these are told. */
const MOST_PLACES = 6;

/** Findings of severity `info`, briefly: waste and age must not hide what fails. Those that say the same of several places are one line with all places. */
export function remarksText(remarks: readonly Finding[], root: string, colors: Colors): string {
  const bySaying = new Map<string, Finding[]>();
  for (const remark of remarks) {
    const key = `${remark.rule}\n${remark.message}`;
    const same = bySaying.get(key);
    if (same === undefined) bySaying.set(key, [remark]);
    else same.push(remark);
  }
  const lines = [colors.cyan(colors.bold("also:"))];
  for (const same of bySaying.values()) {
    const [first] = same as [Finding, ...Finding[]];
    lines.push(`  ${clean(first.message)} ${colors.dim(clean(`[${first.rule}, info, ${first.confidence}]`))}`);
    lines.push(`    ${colors.dim("at")} ${placesText(same, root)}`);
    const help = first.remedies.find((remedy) => fixCommand(first, remedy) !== undefined) ?? first.remedies[0];
    const command = help === undefined ? undefined : fixCommand(first, help);
    if (help !== undefined) lines.push(`    ${colors.dim("help:")} ${clean(help.title)}${command === undefined ? "" : `: ${colors.green(clean(command))}`}`);
  }
  return lines.join("\n");
}

/** `a.yml:3, :17, b.yml:4 and 2 more`. */
function placesText(same: readonly Finding[], root: string): string {
  let before: string | undefined;
  const places = same.slice(0, MOST_PLACES).map(({ place }) => {
    const name = nameOf(place, root);
    const shown = `${name === before ? "" : name}:${regionOf(place).line}`;
    before = name;
    return shown;
  });
  return `${places.join(", ")}${same.length > MOST_PLACES ? ` and ${same.length - MOST_PLACES} more` : ""}`;
}

const nameOf = (place: Place, root: string): string => clean(`${root}${place.file.name}`);
