import type { Digest } from "../../src/core/digest.ts";
import type { MadeDamage, MadeEdit, MadeImage, Over } from "./made-image-spec.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields of `given` over those of `base`; null removes one. */
export const over = (base: Fields, given: Over = {}): Fields =>
  Object.fromEntries(Object.entries({ ...base, ...given }).filter(([key, value]) => !(value === null && key in given)));

export const isEdited = (edits: MadeImage["edits"], document: string): boolean => edits?.some((edit) => edit.document === document) === true;

/** A document with the edits that are told of it: its fields, or its bytes where an edit speaks of text. */
export function edited(edits: MadeImage["edits"], document: string, fields: Fields): Fields | Buffer {
  let value: Fields = structuredClone(fields);
  let bytes: Buffer | undefined;
  for (const edit of edits ?? []) {
    if (edit.document !== document) continue;
    value = withFields(value, edit);
    if (edit.text !== undefined) bytes = Buffer.from(edit.text);
    if (edit.append !== undefined) bytes = Buffer.concat([bytes ?? Buffer.from(JSON.stringify(value)), Buffer.from(edit.append)]);
  }
  return bytes ?? value;
}

function withFields(fields: Fields, { set = {}, remove = [] }: MadeEdit): Fields {
  const top = { value: structuredClone(fields) as unknown };
  for (const [way, value] of Object.entries(set)) put(top, ["value", ...partsOf(way)], value);
  for (const way of remove) put(top, ["value", ...partsOf(way)], undefined);
  return top.value as Fields;
}

const partsOf = (way: string): string[] =>
  way.startsWith("/")
    ? way
        .slice(1)
        .split("/")
        .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    : way.split(".");

/** Sets what lies at a way; undefined removes it. Objects on the way are made. */
function put(top: object, way: readonly string[], value: unknown): void {
  let at = top as Record<string, unknown>;
  for (const part of way.slice(0, -1)) {
    if (typeof at[part] !== "object" || at[part] === null) at[part] = {};
    at = at[part] as Record<string, unknown>;
  }
  const last = way.at(-1) as string;
  if (value !== undefined) at[last] = structuredClone(value);
  else if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete at[last];
}

/** Blobs with damage done to them. @throws {Error} when damage is told of what is not there */
export function damaged(
  blobs: ReadonlyMap<Digest, Uint8Array>,
  damage: readonly MadeDamage[],
  digestOf: (name: string) => Digest | undefined,
): ReadonlyMap<Digest, Uint8Array> {
  const all = new Map(blobs);
  for (const one of damage) {
    const digest = digestOf(one.blob);
    const bytes = digest === undefined ? undefined : all.get(digest);
    if (digest === undefined || bytes === undefined) throw new Error(`damage: there is no ${one.blob}`);
    if (one.remove === true) all.delete(digest);
    else all.set(digest, damagedBytes(bytes, one));
  }
  return all;
}

function damagedBytes(bytes: Uint8Array, { flip, truncate, append, replace }: MadeDamage): Uint8Array {
  if (replace !== undefined) return Buffer.from(replace);
  if (append !== undefined) return Buffer.concat([bytes, Buffer.from(append)]);
  if (truncate !== undefined) return bytes.subarray(0, truncate);
  const changed = Buffer.from(bytes);
  if (flip === undefined || flip >= bytes.length) throw new Error("damage: say which byte to flip, or what else to do");
  changed[flip] = (changed[flip] as number) ^ 0xff;
  return changed;
}
