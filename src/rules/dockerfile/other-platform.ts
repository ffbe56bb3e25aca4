import { bestMatch, formatPlatform, type Platform } from "../../core/platform.ts";
import { positionOf } from "../../core/span.ts";
import type { Prediction } from "../../findings/finding.ts";
import { builderOf } from "../../simulate/builder-of.ts";
import type { TakenImage, Taking } from "../base-image-use.ts";
import { refusedBuild } from "../refused-build.ts";
import type { WrongTakings } from "./wrong-takings.ts";

/**
 * Whether BuildKit takes an image of one platform for another. It goes by operating system and architecture; publishers often leave out the variant.
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/validations.go (`validateBaseImagePlatform`), read 2026-11-22
 */
export const isForeign =
  (own: Platform) =>
  ({ platform, implicit }: Taking): boolean =>
    !implicit && (platform.os !== own.os || platform.architecture !== own.architecture) && bestMatch(platform, [{ platform: own }]) === undefined;

/** BuildKit's own check, which warns. Undefined where another builder builds, or refuses to. */
export function foreignWarning({ name, place }: TakenImage, own: Platform, { by, platforms }: WrongTakings): Prediction | undefined {
  const told = by.every(({ at }) => !["legacy", "buildah"].includes(builderOf(at.build, at.event.before).driver) && refusedBuild(at) === undefined);
  const { line } = positionOf(place.file, place.span.start);
  return told
    ? {
        tool: "BuildKit",
        lines: platforms.map(
          (platform) =>
            `InvalidBaseImagePlatform: Base image ${name} was pulled with platform "${formatPlatform(own)}", expected "${formatPlatform(platform)}" for current build (line ${line})`,
        ),
      }
    : undefined;
}
