import type { World } from "../adapters/node/world.ts";
import { type Platform, parsePlatform, samePlatform } from "../core/platform.ts";
import { ProblemError } from "../core/problem.ts";
import type { Annotation } from "../engine/engine.ts";

/** Platforms of several `--platform` values, each a list separated by commas; doubles fall away, the order stays. */
export function parsePlatforms(lists: readonly string[], local: Platform): readonly Platform[] {
  const platforms: Platform[] = [];
  for (const text of lists.flatMap((list) => list.split(",")).map((part) => part.trim())) {
    if (text === "") continue;
    const platform = text === "local" ? local : parsePlatform(text, local);
    if (!platforms.some((known) => samePlatform(known, platform))) platforms.push(platform);
  }
  return platforms;
}

/**
 * `KEY=VALUE` texts as a map; the last of a key wins.
 * @param missing  value of a text without `=`; undefined leaves the key out
 * @throws {ProblemError} `usage` for an empty key
 */
export function parseKeyValues(flag: string, texts: readonly string[], missing: (key: string) => string | undefined): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf("=");
    const key = equals === -1 ? text : text.slice(0, equals);
    if (key === "") throw new ProblemError("usage", { message: `${flag} "${text}" has no name`, hint: `wanted ${flag} KEY=VALUE` });
    const value = equals === -1 ? missing(key) : text.slice(equals + 1);
    if (value !== undefined) map.set(key, value);
  }
  return map;
}

/** Build arguments; one without `=` is taken from the environment, and left out when that has none. */
export const parseBuildArgs = (texts: readonly string[], world: Pick<World, "env">): ReadonlyMap<string, string> =>
  parseKeyValues("--build-arg", texts, (key) => world.env[key]);

const PLACES = ["manifest", "index", "manifest-descriptor", "index-descriptor"] as const;
/** `TYPE[PLATFORM],TYPE:` before the key; a key itself may hold a colon behind its first dot. */
const ANNOTATION = /^((?:[a-z-]+(?:\[[^\]]*\])?)(?:,[a-z-]+(?:\[[^\]]*\])?)*):(.+)$/s;

/**
 * `--annotation [TYPE[PLATFORM][,TYPE…]:]KEY=VALUE`.
 * @throws {ProblemError} `usage`
 * @see docker/buildx util/buildflags/export.go (ParseAnnotations), read 2026-11-22
 */
export function parseAnnotations(texts: readonly string[]): readonly Annotation[] {
  return texts.flatMap((text) => {
    const equals = text.indexOf("=");
    if (equals <= 0)
      throw new ProblemError("usage", {
        message: `--annotation "${text}" has no ${equals === 0 ? "name" : "value"}`,
        hint: "wanted KEY=VALUE, or TYPE:KEY=VALUE",
      });
    const value = text.slice(equals + 1);
    const [, types = "manifest", key = text.slice(0, equals)] = ANNOTATION.exec(text.slice(0, equals)) ?? [];
    return types.split(/,(?![^[]*\])/).map((type): Annotation => {
      const [, word, platform] = /^([a-z-]+)(?:\[(.*)\])?$/.exec(type) as RegExpExecArray;
      const at = PLACES.find((place) => place === word);
      if (at === undefined)
        throw new ProblemError("usage", { message: `--annotation "${text}" has the unknown type "${word}"`, hint: `types are ${PLACES.join(", ")}` });
      return { at, key, value, ...(platform ? { platform: parsePlatform(platform) } : {}) };
    });
  });
}

/** An attestation flag that asks for nothing: the only thing the embedded engine can do. */
export const asksForNothing = (value: string | undefined): boolean => value === undefined || ["", "false", "0", "disabled=true"].includes(value.toLowerCase());
