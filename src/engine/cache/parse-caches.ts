import { parseDigest } from "../../core/digest.ts";
import { nearest } from "../../core/nearest.ts";
import { ProblemError } from "../../core/problem.ts";
import { parseReference, type Reference, withDefaultTag } from "../../core/reference.ts";
import { csvFields } from "../output/csv.ts";
import type { CacheFrom, CacheSpecs, CacheTo } from "./spec.ts";

// Sources: docker/buildx util/buildflags/cache.go; moby/buildkit client/solve.go, control/control.go, cache/remotecache/{registry,local}; read 2026-11-22.
const COMPRESSION = ["compression", "compression-level", "force-compression"];
const FROM_KEYS = { registry: ["ref", "registry.insecure"], local: ["src", "tag", "digest"] } as const;
const TO_KEYS = {
  registry: ["ref", "mode", "oci-mediatypes", "image-manifest", "ignore-error", "registry.insecure"],
  local: ["dest", "tag", "mode", "oci-mediatypes", "image-manifest", "ignore-error"],
  inline: ["mode"],
} as const;
/** Types that only BuildKit can, because they need a service and its credentials. */
const ELSEWHERE: Readonly<Record<string, string>> = { gha: "GitHub's cache service", s3: "Amazon's S3", azblob: "Azure's blob storage" };
const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];

/** Values of other keys may be credentials (`secret_access_key`), and are not shown. */
const SHOWN: ReadonlySet<string> = new Set(["type", ...COMPRESSION, ...Object.values(FROM_KEYS).flat(), ...Object.values(TO_KEYS).flat()]);

type Flag = "--cache-from" | "--cache-to";

/**
 * Reads values of --cache-from as buildx does: `type=TYPE,KEY=VALUE…`, or references alone, parted by commas, which mean `type=registry`. Equal ones count once, and
 * what is not known has no effect and is told of.
 * @throws {ProblemError} `usage` | `feature-unsupported` (types that only BuildKit can) | `reference-malformed` | `digest-malformed`
 */
export function parseCacheFrom(values: readonly string[]): CacheSpecs<CacheFrom> {
  return parsed("--cache-from", values, (given) => {
    const { shown } = given;
    switch (given.type) {
      case "registry":
        given.expect(FROM_KEYS.registry);
        return { type: "registry", shown, ref: given.reference(), insecure: given.flag("registry.insecure") ?? false };
      case "local": {
        given.expect(FROM_KEYS.local);
        const digest = given.text("digest");
        return {
          type: "local",
          shown,
          src: given.needed("src"),
          tag: given.text("tag") ?? "latest",
          ...(digest === undefined ? {} : { digest: parseDigest(digest) }),
        };
      }
      case "inline":
        throw malformed("--cache-from", shown, "has type=inline, which can only be written", "name the image: type=registry,ref=IMAGE");
      default:
        throw given.unknownType(Object.keys(FROM_KEYS));
    }
  });
}

/**
 * Reads values of --cache-to.
 * @throws {ProblemError} as {@link parseCacheFrom}
 */
export function parseCacheTo(values: readonly string[]): CacheSpecs<CacheTo> {
  return parsed("--cache-to", values, (given) => {
    const { shown } = given;
    switch (given.type) {
      case "registry":
        given.expect(TO_KEYS.registry);
        return { type: "registry", shown, ref: tagged(given.reference(), shown), insecure: given.flag("registry.insecure") ?? false, ...placeOf(given) };
      case "local":
        given.expect(TO_KEYS.local);
        return { type: "local", shown, dest: given.needed("dest"), tag: given.text("tag") ?? "latest", ...placeOf(given) };
      case "inline":
        given.expect(TO_KEYS.inline);
        return { type: "inline", shown };
      default:
        throw given.unknownType(Object.keys(TO_KEYS));
    }
  });
}

function tagged(ref: Reference, shown: string): Reference {
  if (ref.digest === undefined) return ref;
  throw malformed("--cache-to", shown, "names a digest, which only the finished cache will have", "name a tag");
}

function placeOf(given: Given): { readonly mode: "min" | "max"; readonly ociMediaTypes: boolean; readonly ignoreError: boolean } {
  const mode = given.text("mode") ?? "min";
  if (mode !== "min" && mode !== "max") given.warn(`has the unknown mode "${mode}": min is used, as with BuildKit`);
  if (given.flag("image-manifest") === false) given.warn("has image-manifest=false, which has no effect: the cache is written as an image manifest");
  return {
    mode: mode === "max" ? "max" : "min",
    ociMediaTypes: given.flag("oci-mediatypes") ?? true,
    ignoreError: given.flag("ignore-error") ?? false,
  };
}

function parsed<T extends { readonly type: string; readonly shown: string }>(flag: Flag, values: readonly string[], read: (given: Given) => T): CacheSpecs<T> {
  const specs = new Map<string, T>();
  const warnings: string[] = [];
  for (const value of values.flatMap((text) => (text.includes("=") ? [text] : fieldsOf(flag, text).filter((field) => field !== "")))) {
    const spec = read(new Given(flag, value, warnings));
    const { shown: _, ...meaning } = spec;
    specs.set(JSON.stringify(meaning), spec);
  }
  return { specs: [...specs.values()], warnings: [...new Set(warnings)] };
}

/** The `KEY=VALUE` pairs of one value. Keys count in any case. */
class Given {
  readonly shown: string;
  readonly type: string;
  readonly #flag: Flag;
  readonly #values = new Map<string, string>();
  readonly #warnings: string[];

  constructor(flag: Flag, text: string, warnings: string[]) {
    this.#flag = flag;
    this.#warnings = warnings;
    const fields = fieldsOf(flag, text);
    const shown = fields.map(shownField).join(",");
    this.shown = shown;
    if (fields.length === 1 && !fields[0]?.includes("=")) {
      this.#values.set("ref", fields[0] as string);
      this.type = "registry";
      return;
    }
    for (const field of fields) {
      const equals = field.indexOf("=");
      if (equals === -1) throw malformed(flag, shown, `has "${field}" where KEY=VALUE is wanted`, "wanted type=TYPE,KEY=VALUE…, or a reference alone");
      this.#values.set(field.slice(0, equals).toLowerCase(), field.slice(equals + 1));
    }
    this.type = this.#values.get("type") ?? "";
    this.#values.delete("type");
    if (this.type === "") throw malformed(flag, shown, "has no type", "add type=registry, type=local or type=inline");
  }

  text(key: string): string | undefined {
    return this.#values.get(key);
  }

  needed(key: string): string {
    const value = this.#values.get(key);
    if (value === undefined || value === "") throw malformed(this.#flag, this.shown, `has no ${key}`, `type=${this.type} needs ${key}=…`);
    return value;
  }

  /** A reference whose tag is `latest` when none is given. */
  reference(): Reference {
    return withDefaultTag(parseReference(this.needed("ref")));
  }

  /** Go's `ParseBool`. */
  flag(key: string): boolean | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    if (TRUE.includes(value)) return true;
    if (FALSE.includes(value)) return false;
    throw malformed(this.#flag, this.shown, `has ${key}="${value}"`, "wanted true or false");
  }

  warn(what: string): void {
    this.#warnings.push(`${this.#flag} "${this.shown}" ${what}`);
  }

  /** Tells of what has no effect; BuildKit passes over it in silence. */
  expect(known: readonly string[]): void {
    for (const key of this.#values.keys()) {
      if (known.includes(key)) continue;
      if (COMPRESSION.includes(key)) this.warn(`has ${key}, which has no effect: layers are kept as the build packed them`);
      else {
        const meant = nearest(key, known);
        this.warn(`has the unknown attribute "${key}", which has no effect${meant === undefined ? "" : `; did you mean ${meant}?`}`);
      }
    }
  }

  unknownType(known: readonly string[]): ProblemError {
    const service = ELSEWHERE[this.type];
    if (service !== undefined)
      return new ProblemError("feature-unsupported", {
        message: `${this.#flag} "${this.shown}" asks for a cache in ${service}, and the embedded engine has none there`,
        hint: `use type=registry, or type=local with a folder that your CI keeps (${this.type === "gha" ? "actions/cache" : "its own cache step"}), or build with docker buildx build`,
      });
    const meant = nearest(this.type, known);
    return malformed(
      this.#flag,
      this.shown,
      `has the unknown type "${this.type}"`,
      meant === undefined ? `wanted ${known.join(", ")}` : `did you mean ${meant}?`,
    );
  }
}

function shownField(field: string): string {
  const key = field.slice(0, Math.max(0, field.indexOf("=")));
  return key === "" || SHOWN.has(key.toLowerCase()) ? field : `${key}=…`;
}

function fieldsOf(flag: Flag, text: string): readonly string[] {
  const fields = csvFields(text);
  if (fields === undefined) throw malformed(flag, text, "has a quote where none may stand", 'quote a whole field: "src=a,b"');
  return fields;
}

const malformed = (flag: Flag, shown: string, what: string, hint: string): ProblemError =>
  new ProblemError("usage", { message: `${flag} "${shown}" ${what}`, hint });
