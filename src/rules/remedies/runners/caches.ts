import { type Refusal, refuse } from "../../../yaml/edits/edit.ts";
import { splitOutside, withoutExpressions } from "./expressions.ts";

/** What stands for the platform in a row. */
export const ROW_NAME = `\${{ matrix.name }}`;

/** The caches of a building step. */
export interface Caches {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/**
 * Caches of which each platform has its own: rows that write to one place would each replace what the other wrote.
 * A reference that is only read (an image with its cache within) stays as it is.
 * @param job  the job's id: the scope of a cache that had none
 */
export function cachesPerPlatform(caches: Caches, job: string): Caches | Refusal {
  const written = new Set(entriesIn(caches.to).map((entry) => placeOf(fieldsOf(entry))));
  const each = (text: string | undefined): string | undefined | Refusal => {
    if (text === undefined) return undefined;
    const entries: string[] = [];
    for (const entry of entriesIn(text)) {
      const own = ofPlatform(entry, written, job);
      if (typeof own !== "string") return own;
      entries.push(own);
    }
    return entries.length < 2 ? (entries[0] ?? text) : `${entries.join("\n")}\n`;
  };
  const [from, to] = [each(caches.from), each(caches.to)];
  if (typeof from === "object") return from;
  return typeof to === "object" ? to : { from, to };
}

/** Folder that a local cache is written to; undefined without one. */
export function localCache(to: string | undefined): string | undefined {
  for (const entry of entriesIn(to)) {
    const fields = fieldsOf(entry);
    if (fields.get("type") === "local") return fields.get("dest");
  }
  return undefined;
}

const entriesIn = (text: string | undefined): readonly string[] => (text === undefined ? [] : splitOutside(text, /\n/));

/** A reference alone is that of a cache in a registry. */
function fieldsOf(entry: string): Map<string, string> {
  const fields = splitOutside(entry, /,/);
  if (fields.length === 1 && !withoutExpressions(entry).includes("=")) return new Map([["ref", entry]]);
  return new Map(fields.map((field): [string, string] => [field.split("=", 1)[0] ?? "", field.slice(field.indexOf("=") + 1)]));
}

const typeOf = (fields: ReadonlyMap<string, string>): string => fields.get("type") ?? (fields.has("ref") ? "registry" : "");

/** What two entries have in common that are one cache. */
function placeOf(fields: ReadonlyMap<string, string>): string {
  const type = typeOf(fields);
  return `${type} ${fields.get(type === "gha" ? "scope" : "ref") ?? ""}`;
}

function ofPlatform(entry: string, written: ReadonlySet<string>, job: string): string | Refusal {
  const fields = fieldsOf(entry);
  const type = typeOf(fields);
  if (type === "inline") return entry;
  if (entry.includes('"')) return refuse(`its cache "${entry}" is written in a way that is not understood`);
  if (type === "gha") return fields.has("scope") ? withField(entry, "scope", (scope) => `${scope}-${ROW_NAME}`) : `${entry},scope=${job}-${ROW_NAME}`;
  if (type === "local") return entry;
  if (type !== "registry") return refuse(`its cache "${entry}" may not be shared by two builds, and nobody knows how to split it`);
  if (!written.has(placeOf(fields))) return entry;
  const ref = fields.get("ref") ?? "";
  const bare = withoutExpressions(ref);
  const isTagged = bare.lastIndexOf(":") > bare.lastIndexOf("/");
  if (bare.includes("@") || (!isTagged && bare.endsWith("\u0001"))) return refuse(`nobody knows whether the cache "${ref}" has a tag`);
  return withField(entry, "ref", (name) => (isTagged ? `${name}-${ROW_NAME}` : `${name}:${ROW_NAME}`));
}

function withField(entry: string, name: string, change: (value: string) => string): string {
  const fields = splitOutside(entry, /,/);
  if (fields.length === 1 && !entry.startsWith(`${name}=`)) return change(entry);
  return fields.map((field) => (field.startsWith(`${name}=`) ? `${name}=${change(field.slice(name.length + 1))}` : field)).join(",");
}

const ROW = /[-_.]?\$\{\{\s*(?:matrix\.[\w-]+|env\.\w*PLATFORM\w*)\s*\}\}/i;

/** Caches of rows as those of all platforms: the way back from {@link cachesPerPlatform}. */
export function cachesOfAll(text: string, job: string): string {
  const entries = entriesIn(text).map((entry) =>
    splitOutside(entry, /,/)
      .flatMap((field): readonly string[] => {
        if (!ROW.test(field)) return [field];
        const rest = field.replace(ROW, "");
        if (rest === "scope=" || rest === `scope=${job}`) return [];
        return [rest.endsWith(":") ? `${rest}buildcache` : rest];
      })
      .join(","),
  );
  return entries.length < 2 ? (entries[0] ?? text) : `${entries.join("\n")}\n`;
}
