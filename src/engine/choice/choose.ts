import { formatPlatform } from "../../core/platform.ts";
import { type BuildNeeds, type EngineOption, isAble } from "./option.ts";

/** Which engine builds, and why: a sentence for one line. `chosen` undefined: none can. */
export type EngineChoice = { readonly chosen: EngineOption; readonly why: string } | { readonly chosen: undefined; readonly why: string };

/**
 * `--engine auto`: what can do it; a real BuildKit rather than the embedded engine where it runs programs that the plan has natively, and as many of them as the embedded
 * engine does. Where nothing but files is put together, the embedded engine, which needs nobody.
 */
export function chooseEngine(needs: BuildNeeds, embedded: EngineOption, buildkit: EngineOption): EngineChoice {
  if (needs.programs.length === 0 && isAble(embedded)) return { chosen: embedded, why: "no step runs a program" };
  const [ours, theirs] = [natives(embedded), natives(buildkit)];
  if (isAble(buildkit) && theirs.length > 0 && theirs.length >= ours.length) return { chosen: buildkit, why: `it runs ${theirs.join(", ")} natively` };
  if (isAble(embedded)) return { chosen: embedded, why: whyNot(buildkit) ?? reasonOver(ours) };
  if (isAble(buildkit)) return { chosen: buildkit, why: whyNot(embedded) ?? "the embedded engine cannot build this" };
  return { chosen: undefined, why: [embedded, buildkit].map((one) => `${nameOf(one)}: ${whyNot(one)}`).join("; ") };
}

const natives = ({ ways }: EngineOption): readonly string[] => ways.flatMap(({ platform, way }) => (way === "native" ? [formatPlatform(platform)] : []));

const reasonOver = (ours: readonly string[]): string =>
  ours.length > 0 ? `it runs ${ours.join(", ")} natively, and BuildKit fewer` : "BuildKit would emulate as well, and needs a builder";

/** The first reason against it; undefined when it is able. */
function whyNot({ against, ways }: EngineOption): string | undefined {
  const [first] = against;
  if (first !== undefined) return first;
  const impossible = ways.find(({ way }) => way === "impossible");
  return impossible === undefined
    ? undefined
    : `it cannot run ${formatPlatform(impossible.platform)}${impossible.why === undefined ? "" : `: ${impossible.why}`}`;
}

/** For people. */
export const nameOf = ({ engine, builder }: EngineOption): string => {
  if (engine === "embedded") return "the embedded engine";
  if (builder === undefined) return "BuildKit";
  return builder.driver === "nodes" ? `BuildKit (nodes ${builder.name})` : `BuildKit (builder "${builder.name}", ${builder.driver})`;
};
