import { formatPlatform, parsePlatform } from "../../core/platform.ts";
import { isProblem } from "../../core/problem.ts";
import type { Build } from "../../simulate/operation.ts";
import { shownText, textOf } from "../../simulate/text.ts";
import type { Trace } from "../../simulate/trace.ts";
import type { Push } from "../registry/pushes.ts";

/** Platforms of what is pushed, normalized and sorted: those that its build asks for, or the runner's own. Undefined where nobody knows. */
export function pushedPlatforms(push: Push, trace: Trace): readonly string[] | undefined {
  const build = buildOf(push, trace);
  return build === undefined ? undefined : platformsOf(build, trace);
}

export function platformsOf({ platforms }: Build, trace: Trace): readonly string[] | undefined {
  if (platforms.open) return undefined;
  const all = platforms.items.flatMap((item) => textOf(item)?.split(",") ?? [undefined]);
  if (all.includes(undefined)) return undefined;
  const { architecture, os } = trace.start.runner;
  const named = (all as readonly string[]).map((one) => one.trim()).filter((one) => one !== "");
  const asked = named.length > 0 ? named : architecture === undefined || os === undefined ? undefined : [`${os === "macos" ? "linux" : os}/${architecture}`];
  try {
    return asked?.map((one) => formatPlatform(parsePlatform(one))).sort();
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

/** The build that made what is pushed: the push itself, or the last one before it under the same name. */
export function buildOf({ event, image }: Push, trace: Trace): Build | undefined {
  if (event.operation.kind === "build") return event.operation;
  const before = trace.events.slice(0, trace.events.indexOf(event));
  const found = before.findLast(({ operation }) => operation.kind === "build" && operation.tags.items.some((tag) => shownText(tag) === image.shown));
  return found?.operation.kind === "build" ? found.operation : undefined;
}
