import type { BakeHole, BakeParts } from "./bake-file.ts";
import { merged } from "./value.ts";

/** The fields of a line of comma-separated values, some of it unknown. Undefined when its quotes are not sound. */
export function csvFields(parts: BakeParts): BakeParts[] | undefined {
  const fields: (string | BakeHole)[][] = [[]];
  /** A quote counts at a field's beginning only. */
  let fresh = true;
  let quoted = false;
  for (const part of parts) {
    const field = fields.at(-1) as (string | BakeHole)[];
    if (typeof part !== "string") {
      field.push(part);
      fresh = false;
      continue;
    }
    for (let at = 0; at < part.length; ) {
      const char = part[at] as string;
      if (quoted && char === '"') {
        if (part[at + 1] === '"') {
          (fields.at(-1) as (string | BakeHole)[]).push('"');
          at += 2;
          continue;
        }
        quoted = false;
        at++;
        if (at < part.length && part[at] !== ",") return undefined;
        continue;
      }
      if (!quoted && char === ",") {
        fields.push([]);
        fresh = true;
        at++;
        continue;
      }
      if (fresh && char === '"') {
        quoted = true;
        fresh = false;
        at++;
        continue;
      }
      const stop = quoted ? /"/g : /,/g;
      stop.lastIndex = at;
      const end = stop.exec(part)?.index ?? part.length;
      (fields.at(-1) as (string | BakeHole)[]).push(part.slice(at, end));
      fresh = false;
      at = end;
    }
  }
  return quoted ? undefined : fields.map(merged);
}

/** A field with quotes where it needs them. */
export function csvField(parts: BakeParts): BakeParts {
  if (!parts.some((part) => typeof part === "string" && /[",]/.test(part))) return parts;
  return merged(['"', ...parts.map((part) => (typeof part === "string" ? part.replaceAll('"', '""') : part)), '"']);
}

/** `key=value`: the key in lower case, and the value; undefined without a `=` in what is known before any hole. */
export function keyAndValue(field: BakeParts): { readonly key: string; readonly value: BakeParts } | undefined {
  const [first, ...rest] = field;
  const cut = typeof first === "string" ? first.indexOf("=") : -1;
  if (typeof first !== "string" || cut === -1) return undefined;
  return { key: first.slice(0, cut).trim().toLowerCase(), value: merged([first.slice(cut + 1), ...rest]) };
}
