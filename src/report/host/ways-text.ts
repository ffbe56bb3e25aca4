import type { BuildWay, PlatformWays } from "../../host/platform-ways.ts";
import { clean } from "../clean.ts";
import { columnsOf, cut, padTo } from "../columns.ts";
import type { Colors } from "../progress/tty.ts";

/** A platform with what our own engine emulates it by. */
export interface ShownPlatform extends PlatformWays {
  readonly registration?: "own" | "host";
}

/** More builders would make lines that nobody can read; the document has all. */
const MOST_ENGINES = 4;
const NAME_COLUMNS = 28;

/** For each platform a line with a column for each engine that is here; below, why not all of it is native, and by what it is emulated. */
export function waysText(platforms: readonly ShownPlatform[], colors: Colors): readonly string[] {
  const engines = shownEngines(platforms);
  const left = (platforms[0]?.ways.length ?? 0) - engines.length;
  const rest = left > 0 ? [`${left} more ${left === 1 ? "builder" : "builders"}: see --format json`] : [];
  return [...table(platforms, engines, colors), ...engines.flatMap((at) => reasons(platforms, at, colors)), ...rest];
}

/** Places in `ways`: those that can do something come first, in their order. */
function shownEngines(platforms: readonly ShownPlatform[]): readonly number[] {
  const all = [...(platforms[0]?.ways ?? []).keys()];
  const isOfUse = (at: number): boolean => platforms.some(({ ways }) => ways[at]?.withoutRun !== false);
  return [...all.filter(isOfUse), ...all.filter((at) => !isOfUse(at))].slice(0, MOST_ENGINES);
}

function table(platforms: readonly ShownPlatform[], engines: readonly number[], colors: Colors): readonly string[] {
  const columns = engines.map((at) => {
    const way = platforms[0]?.ways[at];
    const head = way === undefined ? "" : cut(clean(way.driver === "embedded" ? way.by : `${way.by} (${way.driver})`), NAME_COLUMNS);
    return { at, head, width: Math.max(columnsOf(head), ...platforms.map(({ ways }) => wordOf(ways[at]).length)) };
  });
  const first = Math.max("platform".length, ...platforms.map(({ platform }) => platform.length));
  const line = (name: string, cells: readonly string[]): string => [padTo(name, first), ...cells].join("  ").trimEnd();
  const heads = line(
    "platform",
    columns.map(({ head, width }) => padTo(head, width)),
  );
  const rows = platforms.map(({ platform, ways }) =>
    line(
      platform,
      columns.map(({ at, width }, i) => paint(ways[at], colors)(i === columns.length - 1 ? wordOf(ways[at]) : padTo(wordOf(ways[at]), width))),
    ),
  );
  return [colors.bold(heads), ...rows];
}

/** Lines of one engine: each reason with the platforms that it holds for. */
function reasons(platforms: readonly ShownPlatform[], at: number, colors: Colors): readonly string[] {
  const found = new Map<string, { readonly way: BuildWay; readonly on: string[] }>();
  for (const platform of platforms) {
    const way = platform.ways[at];
    if (way === undefined || way.run === "native") continue;
    const shown = { ...way, why: whyOf(way, platform) };
    const key = `${wordOf(way)}, ${shown.why}`;
    const entry = found.get(key) ?? { way: shown, on: [] };
    entry.on.push(platform.platform);
    found.set(key, entry);
  }
  return [...found.values()].map(({ way, on }) => {
    const which = on.length === platforms.length && on.length > 1 ? "every platform" : on.join(" ");
    return `${colors.dim("-")} ${clean(way.by)}, ${which}: ${paint(way, colors)(wordOf(way))}, ${clean(way.why)}`;
  });
}

/** Where each emulator of our own lies is in the document. */
function whyOf({ driver, run, why }: BuildWay, { registration }: ShownPlatform): string {
  if (driver !== "embedded" || run !== "emulated" || registration === undefined) return why;
  return registration === "own" ? "by QEMU, registered in the sandbox's own namespace" : "by the emulator that this machine has registered";
}

function wordOf(way: BuildWay | undefined): string {
  if (way === undefined) return "";
  if (way.run === "native" || way.run === "emulated") return way.run;
  if (way.withoutRun === true) return way.run === "unknown" ? "RUN unknown" : "no RUN";
  return way.withoutRun === false ? "impossible" : "unknown";
}

function paint(way: BuildWay | undefined, colors: Colors): (text: string) => string {
  if (way?.run === "native") return colors.green;
  return way?.run === "emulated" || way?.run === "unknown" ? colors.yellow : colors.red;
}
