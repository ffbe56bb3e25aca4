import { alternativesOf } from "../../simulate/alternatives.ts";
import { attributesOf } from "../../simulate/attributes.ts";
import { goBoolean } from "../../simulate/go-boolean.ts";
import { knownText, type Text, type Texts } from "../../simulate/text.ts";

/** One entry of `cache-to` or `cache-from`, as far as it is known. */
export interface CacheEntry {
  readonly text: Text;
  /** `gha`, `registry`, `inline`, `local`, `s3`, `azblob`. */
  readonly type: string;
  /** A value that is not wholly known is undefined. */
  readonly fields: ReadonlyMap<string, string | undefined>;
  /** More fields may be there than are known. */
  readonly open: boolean;
  /** False when it may as well not be there. */
  readonly certain: boolean;
}

/** The entries whose type is known. One without `type=` is a reference in a registry. */
export const cacheEntries = (texts: Texts): readonly CacheEntry[] => texts.items.flatMap((item) => entriesOf(item));

function entriesOf(text: Text): readonly CacheEntry[] {
  const [only, ...others] = (alternativesOf(text) ?? []).filter((one) => one !== "");
  const isChoice = text.parts.some((part) => typeof part !== "string") && only !== undefined;
  if (others.length > 0 && isChoice) return [];
  const { fields, bare, open } = attributesOf(isChoice ? knownText(only, text.place) : text);
  const certain = !isChoice || alternativesOf(text)?.length === 1;
  const type = fields.get("type");
  if (type !== undefined) return [{ text, type: type.toLowerCase(), fields, open, certain }];
  return bare === undefined || fields.size > 0 ? [] : [{ text, type: "registry", fields: new Map([["ref", bare]]), open, certain }];
}

/** `gha` of which nobody says another scope. */
const DEFAULT_SCOPE = "buildkit";

/** What an export replaces: two entries with the same address are one place. Undefined where it is not known, or where several can live together. */
export function cacheAddress({ type, fields, open }: CacheEntry): string | undefined {
  if (type !== "gha" && type !== "registry") return undefined;
  const key = type === "gha" ? "scope" : "ref";
  if (!fields.has(key)) return type === "gha" && !open ? `gha scope "${DEFAULT_SCOPE}"` : undefined;
  const value = fields.get(key);
  return value === undefined || value === "" ? undefined : type === "gha" ? `gha scope "${value}"` : `"${value}"`;
}

/** `ignore-error=true`: the build goes on without its cache. Undefined: unknown. */
export const ignoresErrors = ({ fields, open }: CacheEntry): boolean | undefined =>
  fields.has("ignore-error") ? goBoolean(fields.get("ignore-error") ?? "") : open ? undefined : false;
