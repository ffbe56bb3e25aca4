import { createHash } from "node:crypto";
import { byCodeUnit } from "../../core/order.ts";
import { dictionary, flag, list, NULL, number, text, textOf, unknown, type Value } from "../value.ts";
import { type BakeFunction, Mistake, ofKnown, ofTexts } from "./function.ts";
import { satisfies } from "./versions.ts";

const digest = (algorithm: string): BakeFunction => ofTexts((known = "") => text(createHash(algorithm).update(known).digest("hex")), 1);

export const ENCODING_FUNCTIONS: Readonly<Record<string, BakeFunction>> = {
  md5: digest("md5"),
  sha1: digest("sha1"),
  sha256: digest("sha256"),
  sha512: digest("sha512"),
  base64encode: ofTexts((known = "") => text(Buffer.from(known, "utf8").toString("base64")), 1),
  base64decode: ofTexts((known = "") => text(Buffer.from(known, "base64").toString("utf8")), 1),
  urlencode: ofTexts((known = "") => text(urlEncoded(known)), 1),
  jsonencode: ofKnown(([value]) => (value === undefined ? new Mistake("wants a value") : text(JSON.stringify(plainOf(value)))), 1),
  jsondecode: ofTexts((known = "") => {
    try {
      return valueOfJson(JSON.parse(known));
    } catch {
      return new Mistake("wants a text of JSON");
    }
  }, 1),
  byteslen: ofTexts((known = "") => number(Buffer.byteLength(known)), 1),
  semvercmp: ofTexts((version = "", constraint = "") => {
    const answer = satisfies(version, constraint);
    return answer === undefined ? unknown(`semvercmp("${version}", "${constraint}")`) : flag(answer);
  }, 2),
};

/** As Go's `url.QueryEscape`. */
const urlEncoded = (known: string): string =>
  encodeURIComponent(known.replace(/\p{Surrogate}/gu, "\u{FFFD}"))
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");

function plainOf(value: Value): unknown {
  if (value.kind === "text") return textOf(value);
  if (value.kind === "number" || value.kind === "flag") return value.value;
  if (value.kind === "list") return value.items.map(plainOf);
  if (value.kind === "map") return Object.fromEntries([...value.entries].sort(([a], [b]) => byCodeUnit(a, b)).map(([key, item]) => [key, plainOf(item)]));
  return null;
}

/** A value of JSON. */
export function valueOfJson(json: unknown): Value {
  if (typeof json === "string") return text(json);
  if (typeof json === "number") return number(json);
  if (typeof json === "boolean") return flag(json);
  if (Array.isArray(json)) return list(json.map(valueOfJson));
  return typeof json === "object" && json !== null ? dictionary(new Map(Object.entries(json).map(([key, item]) => [key, valueOfJson(item)]))) : NULL;
}
