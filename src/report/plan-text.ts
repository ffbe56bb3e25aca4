import type { PlannedImage, PlanReport } from "../plan/describe.ts";
import { clean } from "./clean.ts";

/** What `planText` prints. */
export interface ShownPlan extends PlanReport {
  readonly engines: readonly {
    readonly name: string;
    readonly chosen: boolean;
    readonly why: string;
    readonly programs: readonly { readonly platform: string; readonly way: string; readonly why?: string }[];
  }[];
}

const EXECUTION: Readonly<Record<PlannedImage["execution"], string>> = {
  native: "programs run natively",
  emulated: "programs run under an emulator",
  none: "no program is run",
};

/** The plan as people read it: the vertices with what they serve and need, a line for each platform, and a summary. Ends with a line feed. */
export function planText({ images, vertices, summary, epoch, warnings, engines }: ShownPlan): string {
  const numbers = new Map(vertices.map(({ id }, i) => [id, i + 1]));
  const gutter = String(vertices.length).length;
  const lines = vertices.flatMap(({ id, name, platforms, needs, runsOn }) => {
    const serves =
      platforms.length === images.length && images.length > 1
        ? images.length === 2
          ? "both platforms"
          : `all ${images.length} platforms`
        : platforms.join(", ");
    const below = needs.length === 0 ? "" : `; needs ${needs.map((need) => `#${numbers.get(need)}`).join(", ")}`;
    const runs = runsOn === undefined ? "" : `; runs on ${runsOn}`;
    return [`#${String(numbers.get(id)).padEnd(gutter)} ${clean(name)}`, `${" ".repeat(gutter + 2)}for ${serves}${below}${runs}`];
  });
  const width = Math.max(...images.map(({ platform }) => platform.length));
  const platformLines = images.map(({ platform, base, layers, execution }) => {
    const from = base === undefined ? "from scratch" : `on ${base} (${count(layers.base, "layer")})`;
    return `${platform.padEnd(width)}  ${count(layers.added, "layer")} ${from}; ${EXECUTION[execution]}`;
  });
  const told = [`${count(summary.vertices, "vertex", "vertices")} for ${count(summary.platforms, "platform")}; ${summary.shared} shared`];
  if (epoch !== undefined) told.push(`no time in the result is later than ${new Date(epoch * 1000).toISOString()} (SOURCE_DATE_EPOCH=${epoch})`);
  const engineLines = engines.flatMap(({ name, chosen, why, programs }) => [
    `${chosen ? "built by" : "not by"} ${clean(name)}: ${clean(why)}`,
    ...programs.map(({ platform, way, why: reason }) => `  ${platform.padEnd(width)}  ${way}${reason === undefined ? "" : `: ${clean(reason)}`}`),
  ]);
  return [
    ...lines,
    ...(lines.length === 0 ? [] : [""]),
    ...platformLines,
    "",
    ...told,
    ...(engineLines.length === 0 ? [] : ["", ...engineLines, ""]),
    ...warnings.map((warning) => `warning: ${warning}`),
    "",
  ].join("\n");
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
