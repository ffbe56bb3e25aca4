import { ENCODING_FUNCTIONS } from "./encodings.ts";
import type { BakeFunction } from "./function.ts";
import { LIST_FUNCTIONS } from "./lists.ts";
import { NUMBER_FUNCTIONS } from "./numbers.ts";
import { TEXT_FUNCTIONS } from "./texts.ts";

/** Functions of Buildx's bake, by name, that are worked out here. */
export const STANDARD_FUNCTIONS: ReadonlyMap<string, BakeFunction> = new Map(
  Object.entries({ ...TEXT_FUNCTIONS, ...LIST_FUNCTIONS, ...NUMBER_FUNCTIONS, ...ENCODING_FUNCTIONS }),
);

/** Those that Buildx has too, and whose result is not worked out: it hangs on the machine or the time, or hardly anyone uses them (bake/hclparser/stdlib.go, read 2026-11-22). */
export const OPAQUE_FUNCTIONS: ReadonlySet<string> = new Set([
  "bcrypt",
  "bytesslice",
  "cidrhost",
  "cidrnetmask",
  "cidrsubnet",
  "cidrsubnets",
  "csvdecode",
  "formatdate",
  "formattimestamp",
  "homedir",
  "log",
  "rsadecrypt",
  "timeadd",
  "timestamp",
  "unixtimestampparse",
  "uuidv4",
  "uuidv5",
]);
