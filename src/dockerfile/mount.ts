import { nearest } from "../core/nearest.ts";
import { ProblemError } from "../core/problem.ts";
import type { RunMount } from "./ast.ts";

const TYPES = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;
type MountType = (typeof TYPES)[number];
const SHARING = ["shared", "private", "locked"];

/** Every spelling of an option, and its canonical name. */
const OPTIONS: Readonly<Record<string, string>> = {
  type: "type",
  from: "from",
  source: "source",
  src: "source",
  target: "target",
  dst: "target",
  destination: "target",
  readonly: "readonly",
  ro: "readonly",
  readwrite: "readwrite",
  rw: "readwrite",
  id: "id",
  sharing: "sharing",
  required: "required",
  size: "size",
  mode: "mode",
  uid: "uid",
  gid: "gid",
  env: "env",
};

/** Which types an option is for; absent: all. */
const ONLY_FOR: Readonly<Record<string, readonly MountType[]>> = {
  required: ["secret", "ssh"],
  size: ["tmpfs"],
  sharing: ["cache"],
  mode: ["cache", "secret", "ssh"],
  uid: ["cache", "secret", "ssh"],
  gid: ["cache", "secret", "ssh"],
};

type Options = Pick<RunMount, "type" | "options">;

/**
 * Reads the value of a `--mount`. Without `expand`, values that hold a variable are taken as they are and checked later.
 * `readonly` is always among the options: true but for cache and tmpfs.
 * @throws {ProblemError} `dockerfile-syntax` | `dockerfile-semantics`, without a place
 * @see https://github.com/moby/buildkit/blob/master/frontend/dockerfile/instructions/commands_runmount.go, read 2026-11-22
 */
export function readMount(text: string, expand?: (value: string) => string): Options {
  const options = new Map<string, string>();
  let type: MountType = "bind";
  for (const field of csvFields(text)) {
    const cut = field.indexOf("=");
    const written = (cut === -1 ? field : field.slice(0, cut)).toLowerCase();
    const option = Object.hasOwn(OPTIONS, written) ? (OPTIONS[written] as string) : undefined;
    if (option === undefined) throw unknownOption(written, field);
    const given = cut === -1 ? undefined : field.slice(cut + 1);
    const value = given === undefined || expand === undefined || (option === "from" && !given.includes("$")) ? given : expand(given);
    if (option === "from" && expand === undefined && value !== undefined && /\$[\s\S]/.test(value)) {
      throw wrong(`the mount's "from" cannot hold a variable, as in "${value}"`, "give the image a stage of its own, FROM … AS name, and name that");
    }
    const later = expand === undefined && value?.includes("$") === true;
    const read = later ? (value as string) : checkedValue(option, value, field);
    if (option === "type" && !later) {
      type = oneOf(read, TYPES, "a mount's type");
      continue;
    }
    // These two look at the type that was told before them, in BuildKit.
    if ((option === "required" || option === "size") && !options.has("type")) checkType(option, type);
    if (option === "readwrite") options.set("readonly", later ? read : read === "true" ? "false" : "true");
    else options.set(option, read);
  }
  // A type that is a variable is not known yet, so neither is what fits it.
  if (!options.has("type")) checkCombination(type, options);
  if (!options.has("readonly")) options.set("readonly", String(type !== "cache" && type !== "tmpfs"));
  return { type, options };
}

function checkedValue(option: string, value: string | undefined, field: string): string {
  if (value === undefined) {
    if (["readonly", "readwrite", "required"].includes(option)) return "true";
    throw wrong(`the mount's option "${field}" needs a value`, `write ${field}=VALUE`, "dockerfile-syntax");
  }
  switch (option) {
    case "readonly":
    case "readwrite":
    case "required":
      return String(goBoolean(value, field));
    case "sharing":
      return oneOf(value, SHARING, "a cache mount's sharing");
    case "mode":
      if (!/^[0-7]+$/.test(value) || Number.parseInt(value, 8) >= 2 ** 32) throw wrong(`"${value}" is not a mode`, "write octal digits, such as 0755");
      return value;
    case "uid":
    case "gid":
      if (!/^[0-9]+$/.test(value) || Number(value) >= 2 ** 32) throw wrong(`"${value}" is not a ${option}`, "write a number");
      return value;
    case "size":
      if (!/^(?:\d+\.?\d*|\.\d+) ?(?:b|[kmgtp](?:i?b)?)?$/i.test(value))
        throw wrong(`"${value}" is not a size`, "write a number with or without a unit, such as 64m");
      return value;
    default:
      return value;
  }
}

function checkCombination(type: MountType, options: ReadonlyMap<string, string>): void {
  for (const option of ["mode", "uid", "gid", "sharing"]) {
    if (options.has(option)) checkType(option, type);
  }
  if (type !== "secret") return;
  if ((options.get("from") ?? "") !== "") throw notFor("from", type);
  const [source, target, id] = ["source", "target", "id"].map((option) => options.get(option) ?? "");
  if (source === "" && target === "" && id === "") throw wrong("a secret mount names no secret", "give it id=NAME, or a target");
  if (source !== "" && id !== "") throw wrong("a secret mount has both source and id", "they mean the same: remove one");
}

function checkType(option: string, type: MountType): void {
  if (ONLY_FOR[option]?.includes(type) === false) throw notFor(option, type);
}

/** Fields of one line of comma-separated values: a field that begins with `"` runs to the next lone `"`. */
export function csvFields(text: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text.charAt(at) === '"') {
      const quoted = /"([^"]*(?:""[^"]*)*)"(?=,|$)/y;
      quoted.lastIndex = at;
      const match = quoted.exec(text);
      if (match === null) throw wrong(`a quote does not close in "${text}"`, "quote the whole field, and write a quote inside it twice", "dockerfile-syntax");
      fields.push((match[1] as string).replaceAll('""', '"'));
      at += match[0].length;
    } else {
      const comma = text.indexOf(",", at);
      const field = text.slice(at, comma === -1 ? undefined : comma);
      if (field.includes('"'))
        throw wrong(`a quote stands inside the field "${field}"`, "quote the whole field, and write a quote inside it twice", "dockerfile-syntax");
      fields.push(field);
      at += field.length;
    }
    if (at >= text.length) return fields;
    at++;
  }
}

/** Go's `strconv.ParseBool`. */
export function goBoolean(value: string, field: string): boolean {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw wrong(`"${field}" is neither true nor false`, "write true or false");
}

function oneOf<T extends string>(value: string, known: readonly T[], what: string): T {
  const found = known.find((one) => one === value.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(value, known);
  throw wrong(`${what} cannot be "${value}"`, near === undefined ? `it is one of ${known.join(", ")}` : `did you mean ${near}?`);
}

function unknownOption(written: string, field: string): ProblemError {
  const near = nearest(written, Object.keys(OPTIONS));
  return wrong(`a mount has no option "${written}", as in "${field}"`, near === undefined ? undefined : `did you mean ${near}?`, "dockerfile-syntax");
}

const notFor = (option: string, type: MountType): ProblemError =>
  wrong(`a ${type} mount has no "${option}"`, ONLY_FOR[option] === undefined ? "remove it" : `it is for ${ONLY_FOR[option].join(", ")} mounts`);

function wrong(message: string, hint?: string, code: "dockerfile-syntax" | "dockerfile-semantics" = "dockerfile-semantics"): ProblemError {
  return new ProblemError(code, { message, hint });
}
