import { countText } from "../../core/quantity.ts";
import type { PlatformImage } from "../subject.ts";

/** Values, names and platforms that one sentence tells; more are only counted. */
export const VALUES_SHOWN = 6;
/** Sentences of one finding. */
export const FACTS_SHOWN = 10;
/** Paths of one finding. */
export const PATHS_SHOWN = 10;
const TEXT_SHOWN = 120;

/** Text of an image in quotes, shortened. */
export const quote = (text: string): string => `"${shortened(text)}"`;

/** At most some 120 letters. */
export const shortened = (text: string): string => (text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text);

/** `a`, `a and b`, `a, b and c`, and `a, b, c and 4 more` where there are more than `most`. */
export function list(words: readonly string[], most = VALUES_SHOWN): string {
  const shown = words.slice(0, most);
  const rest = words.length - shown.length;
  const all = rest === 0 ? shown : [...shown, `${rest} more`];
  return all.length < 2 ? (all[0] ?? "") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}

/** Their names. */
export const shownPlatforms = (images: readonly PlatformImage[]): string => list(images.map(({ name }) => name));

/**
 * A sentence for each of the first items, and a last one that counts those left out (`and 3 more packages`).
 * @param total  how many there are in all, where `items` are not all
 */
export function firstFacts<T>(items: readonly T[], noun: string, fact: (item: T) => string, total = items.length): readonly string[] {
  const facts = items.slice(0, FACTS_SHOWN).map(fact);
  const rest = total - facts.length;
  return rest === 0 ? facts : [...facts, `and ${countText(rest, `more ${noun}`)}`];
}

/** The first paths, and how many there are in all where these are not all: what a finding's place tells. */
export const firstPaths = (paths: readonly string[], total = paths.length): { readonly paths: readonly string[]; readonly pathCount?: number } =>
  total <= PATHS_SHOWN ? { paths } : { paths: paths.slice(0, PATHS_SHOWN), pathCount: total };

/** Bytes in megabytes (10^6): `0.3 MB`. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
