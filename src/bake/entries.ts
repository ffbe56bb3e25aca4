import type { BakeHole, BakeParts, BakeText } from "./bake-file.ts";
import { csvField, csvFields, keyAndValue } from "./csv.ts";
import type { ListName } from "./layer.ts";
import { joined, merged, partsOf, type Value } from "./value.ts";

/** What one entry of `output`, `cache-to`, … is told apart by. */
export interface EntryFields {
  /** Undefined when it is not known. */
  readonly type: BakeParts | undefined;
  readonly fields: ReadonlyMap<string, BakeParts>;
}

/** Reads an entry; a text without `=` has the meaning that its attribute gives it. Undefined when it is not sound, or cannot be told. */
export function entryFields(text: BakeText, of: ListName): EntryFields | undefined {
  const fields = csvFields(text.parts);
  if (fields === undefined) return undefined;
  const [only] = fields;
  if (fields.length === 1 && only !== undefined && keyAndValue(only) === undefined) {
    if (joined(only) === undefined) return undefined;
    if (of === "output") return joined(only) === "-" ? simple("tar", "dest", only) : simple("local", "dest", only);
    if (of === "cache-from" || of === "cache-to") return simple("registry", "ref", only);
    return undefined;
  }
  const known = new Map<string, BakeParts>();
  for (const field of fields) {
    const pair = keyAndValue(field);
    if (pair === undefined) return undefined;
    known.set(pair.key, pair.value);
  }
  const type = known.get("type");
  known.delete("type");
  return { type, fields: known };
}

const simple = (type: string, key: string, value: BakeParts): EntryFields => ({ type: [type], fields: new Map([[key, value]]) });

/** The same text for entries that Buildx takes for the same. */
export function entryKey(text: BakeText, of: ListName): string | undefined {
  if (of === "ssh") return joined(text.parts)?.split("=", 1)[0];
  const entry = entryFields(text, of);
  if (entry === undefined) return joined(text.parts);
  if (of === "secret") return joined(entry.fields.get("id") ?? []);
  if (of === "attest") return joined(entry.type ?? []);
  const fields = [...entry.fields].map(([key, value]) => `${key}=${joined(value) ?? "?"}`);
  if (joined(entry.type ?? []) === undefined || fields.some((field) => field.endsWith("=?"))) return undefined;
  return [joined(entry.type ?? []), ...fields.sort()].join("\n");
}

/** An entry written as an object, as the text that means the same: `type` first, then by name. Undefined when a value is no text. */
export function objectEntry(entries: ReadonlyMap<string, Value>, of: ListName): BakeParts | undefined {
  if (of === "ssh") return sshEntry(entries);
  const fields: (string | BakeHole)[] = [];
  const first = of === "secret" ? "id" : "type";
  const names = [...entries.keys()].sort((a, b) => (a === first ? -1 : b === first ? 1 : a < b ? -1 : 1));
  for (const name of names) {
    const value = entries.get(name);
    if (value === undefined || value.kind === "null") continue;
    const parts = partsOf(value);
    if (parts === undefined) return undefined;
    fields.push(fields.length === 0 ? "" : ",", ...csvField(merged([`${name}=`, ...parts])));
  }
  return merged(fields);
}

function sshEntry(entries: ReadonlyMap<string, Value>): BakeParts | undefined {
  const [id, paths] = [entries.get("id"), entries.get("paths")];
  const name = id === undefined || id.kind === "null" ? [] : partsOf(id);
  if (paths === undefined || paths.kind === "null") return name;
  if (name === undefined || paths.kind !== "list") return undefined;
  const shown: (string | BakeHole)[] = [];
  for (const path of paths.items) shown.push(shown.length === 0 ? "=" : ",", ...(partsOf(path) ?? []));
  return merged([...name, ...shown]);
}
