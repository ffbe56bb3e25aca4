import { formatPlatform, type Platform } from "../../core/platform.ts";
import type { Place } from "../../core/span.ts";
import type { Confidence, Fact, Remedy } from "../../findings/finding.ts";
import type { Trace } from "../../simulate/trace.ts";
import type { TakenImage, Taking } from "../base-image-use.ts";
import { advice } from "../remedies/remedy.ts";
import { shownPlatforms } from "./told-of-builds.ts";

/** For which builds and platforms an image is wrong. */
export interface WrongTakings {
  readonly by: readonly Taking[];
  /** Each once, in the order of builds. */
  readonly platforms: readonly Platform[];
  readonly confidence: Confidence;
  /** What asks for those platforms: the first build. */
  readonly fact: Fact;
  readonly traces: readonly Trace[];
  readonly among: readonly Trace[];
}

/** The surest of those for which an image is wrong; undefined when there is none. @param sure  false where the image may be another one by then */
export function wrongTakings({ by, place }: TakenImage, sure: boolean, isWrong: (taking: Taking) => boolean): WrongTakings | undefined {
  const wrong = by.filter(isWrong);
  const certain = wrong.filter(({ at: { event } }) => sure && event.sure && event.step.runs === "yes");
  const told = certain.length > 0 ? certain : wrong;
  const [first] = told;
  if (first === undefined) return undefined;
  const platforms = [...new Map(told.map(({ platform }) => [formatPlatform(platform), platform])).values()];
  return {
    by: told,
    platforms,
    confidence: certain.length > 0 ? "certain" : "likely",
    fact: factOf(first, by, place),
    traces: tracesOf(told),
    among: tracesOf(by),
  };
}

function factOf(taking: Taking, by: readonly Taking[], { file }: Place): Fact {
  const { asked, platform, at } = taking;
  if (asked !== undefined) return { sentence: `this stage is of the platform ${formatPlatform(platform)}`, place: { file, span: asked.span } };
  return { sentence: `this build is for ${platformsOf(by, taking).join(", ")}`, place: at.build.platforms.place ?? at.build.place };
}

const platformsOf = (by: readonly Taking[], { at }: Taking): readonly string[] => [
  ...new Set(by.filter((taking) => taking.at === at).map(({ platform }) => formatPlatform(platform))),
];

const tracesOf = (by: readonly Taking[]): readonly Trace[] => [...new Set(by.map(({ at }) => at.trace))];

/** As people know it: of a digest the beginning is enough. */
export const shownImage = ({ name }: TakenImage): string => name.replace(/(@[a-z0-9]+:[0-9a-f]{12})[0-9a-f]+$/, "$1…");

/** Not to build for them, where they are what is built. */
export const leaveOut = ({ by, platforms }: WrongTakings): readonly Remedy[] =>
  by.some(({ asked }) => asked !== undefined) ? [] : [advice(`leave out ${shownPlatforms(platforms) ?? ""}`, "nobody on it can run the image")];

/** What takes the image, before `for linux/arm64`. */
export const takerOf = ({ how }: TakenImage): string => ({ from: "this stage is built", copy: "COPY takes files from it", mount: "RUN mounts it" })[how];
