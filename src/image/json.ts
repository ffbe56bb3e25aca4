import type { ProblemCode } from "../core/problem.ts";
import { ProblemError } from "../core/problem.ts";

/** Manifests, indexes and configs: the limit that registries have (distribution-spec, "Pushing Manifests", 4 MiB at least). */
export const DOCUMENT_BYTES_LIMIT = 4 * 1024 * 1024;
/** Lists and objects within each other. Image documents have five levels. */
const DEPTH_LIMIT = 64;

/** A JSON object that is not yet checked. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads an untrusted JSON document whose top is an object.
 * @param what  for messages: `manifest sha256:…`
 * @throws {ProblemError} `code` | `limit-exceeded`
 */
export function readJsonObject(bytes: Uint8Array, what: string, code: ProblemCode = "manifest-invalid", limit = DOCUMENT_BYTES_LIMIT): Fields {
  if (bytes.length > limit) {
    throw new ProblemError("limit-exceeded", { message: `${what} has ${bytes.length} bytes, at most ${limit} are accepted`, facts: { limit } });
  }
  if (depthOf(bytes) > DEPTH_LIMIT)
    throw new ProblemError("limit-exceeded", { message: `${what} is nested deeper than ${DEPTH_LIMIT} levels`, facts: { limit: DEPTH_LIMIT } });
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch (cause) {
    throw new ProblemError(code, { message: `${what} is not JSON (${(cause as Error).message})`, cause });
  }
  if (isObject(value)) return value;
  throw new ProblemError(code, { message: `${what} is ${kindOf(value)}, wanted an object` });
}

export const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function depthOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (quoted) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}

export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Reads fields of one object and says where it stands when one is of the wrong type. `null` counts as absent, as in Go. */
export class FieldReader {
  readonly #fields: Fields;
  readonly #where: string;
  readonly #code: ProblemCode;

  /** @param where  `manifest sha256:… layers[2]` */
  constructor(fields: Fields, where: string, code: ProblemCode = "manifest-invalid") {
    this.#fields = fields;
    this.#where = where;
    this.#code = code;
  }

  /** @throws {ProblemError} always */
  refuse(field: string, wanted: string): never {
    const value = this.#fields[field];
    const got = typeof value === "string" ? JSON.stringify(value.slice(0, 100)) : typeof value === "number" ? String(value) : kindOf(value);
    throw new ProblemError(this.#code, { message: `${this.#where}: "${field}" is ${got}, wanted ${wanted}`, facts: { field } });
  }

  string(field: string): string {
    return this.stringIfAny(field) ?? this.refuse(field, "a string");
  }

  stringIfAny(field: string): string | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    return typeof value === "string" ? value : this.refuse(field, "a string");
  }

  /** A count: whole, not negative, exact in a double. */
  countIfAny(field: string): number | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : this.refuse(field, "a whole number that is not negative");
  }

  objectIfAny(field: string): Fields | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    return isObject(value) ? value : this.refuse(field, "an object");
  }

  listIfAny(field: string, limit: number): readonly unknown[] | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) return this.refuse(field, "a list");
    if (value.length <= limit) return value;
    throw new ProblemError("limit-exceeded", {
      message: `${this.#where}: "${field}" has ${value.length} members, at most ${limit} are accepted`,
      facts: { field, limit },
    });
  }

  stringsIfAny(field: string, limit: number): readonly string[] | undefined {
    const list = this.listIfAny(field, limit);
    return list === undefined || list.every((item) => typeof item === "string")
      ? (list as readonly string[] | undefined)
      : this.refuse(field, "a list of strings");
  }

  stringMapIfAny(field: string): Readonly<Record<string, string>> | undefined {
    const object = this.objectIfAny(field);
    if (object === undefined || Object.values(object).every((value) => typeof value === "string"))
      return object as Readonly<Record<string, string>> | undefined;
    return this.refuse(field, "an object of strings");
  }
}
