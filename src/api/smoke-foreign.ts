import { formatPlatform } from "../core/platform.ts";
import type { RunConfig } from "../image/config.ts";
import { misfitOf } from "../verify/binary/fit.ts";
import { startsOf } from "../verify/start/starts.ts";
import type { PlatformImage } from "../verify/subject.ts";
import type { SmokeStart } from "./smoke-start.ts";

/** A program that the platform does not run, though this machine might. */
export interface ForeignStart {
  /** It is started, whatever else happens; else a script may start it. */
  readonly certain: boolean;
  /** Absolute. */
  readonly path: string;
  /** Words for what it is for: `amd64`. */
  readonly isFor: string;
}

/**
 * The first program among those that a command starts that its platform never runs. It must not be tried: a kernel executes its own programs whatever image they lie in, and
 * emulators are registered for all images at once, so that it may well do here what it cannot do there.
 * @param words  of a command; undefined: the image's own
 */
export function foreignStart({ image, platform }: Pick<SmokeStart, "image" | "platform">, words: readonly string[] | undefined): ForeignStart | undefined {
  const foreign = startsOf(withWords(image, words)).flatMap(({ role, path, what, certain }): ForeignStart[] => {
    if (role === "healthcheck" || what.kind !== "binary" || path === undefined) return [];
    const misfit = misfitOf(what.binary, platform);
    return misfit?.runs === "never" ? [{ certain, path, isFor: misfit.got }] : [];
  });
  return foreign.find(({ certain }) => certain) ?? foreign[0];
}

/** Of a certain one. */
export const cannotStart = ({ path, isFor }: ForeignStart, { platform }: Pick<SmokeStart, "platform">) => ({
  message: `exec format error: "${path}" is for ${isFor}, and the platform is ${formatPlatform(platform)}`,
  hint: `build or copy the program for ${formatPlatform(platform)}`,
});

/** Of an uncertain one, where all seemed well. */
export const provesNothing = ({ path, isFor }: ForeignStart, { platform }: Pick<SmokeStart, "platform">) => ({
  why: `it did well here, but "${path}", which it may have started, is for ${isFor}: that proves nothing for ${formatPlatform(platform)}`,
  act: `build or copy the program for ${formatPlatform(platform)}`,
});

/** The image as if its config told this command. */
function withWords(image: PlatformImage, words: readonly string[] | undefined): PlatformImage {
  const { value } = image.config;
  if (value === undefined || words === undefined) return image;
  const told: Pick<RunConfig, "Entrypoint" | "Cmd"> = words[0]?.startsWith("-") === true ? { Cmd: words } : { Entrypoint: words, Cmd: [] };
  return { ...image, config: { ...image.config, value: { ...value, config: { ...value.config, ...told } } } };
}
