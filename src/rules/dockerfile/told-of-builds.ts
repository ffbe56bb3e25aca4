import { formatPlatform, type Platform } from "../../core/platform.ts";
import type { Fact } from "../../findings/finding.ts";
import type { WrongBuilds } from "./built-stages.ts";

/** The fact that a Dockerfile is built for platforms: of the first build that is told of. */
export function factOfBuild(wrong: WrongBuilds): readonly Fact[] {
  const { first } = wrong;
  if (first === undefined) return [];
  const { at, platforms } = first;
  const names = namesOf(platforms);
  const sentence = names.length === 0 ? "this build may be for several platforms" : `this build is for ${names.join(", ")}`;
  return [{ sentence, place: at.build.platforms.place ?? at.build.place }];
}

/** `linux/arm64`, or `linux/arm64 and linux/s390x`; undefined where none is known. */
export function shownPlatforms(platforms: readonly Platform[]): string | undefined {
  const names = namesOf(platforms);
  const last = names.at(-1);
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${last}` : last;
}

const namesOf = (platforms: readonly Platform[]): readonly string[] => [...new Set(platforms.map(formatPlatform))];
