import { nearest } from "../../core/nearest.ts";
import { parsePlatform } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import { parseReference, type Reference, withDefaultTag } from "../../core/reference.ts";
import type { Annotation, LayerOptions } from "../engine.ts";
import { csvFields } from "./csv.ts";
import type { ImageAttributes, Output } from "./output.ts";

// Source: moby/buildkit exporter/containerimage/{opts,export}.go, exptypes/keys.go, exporter/{oci,local,tar}/export.go, client/exporters.go at 73ed682 (2026-08-21).
const IMAGE_KEYS = ["name", "oci-mediatypes", "compression", "compression-level", "force-compression", "rewrite-timestamp"];
const FILES_KEYS = ["dest", "platform-split"];
/** Attributes of BuildKit that change nothing here: what they steer does not exist without containerd, attestations or foreign layers. */
const WITHOUT_EFFECT = ["unpack", "store", "prefer-nondist-layers", "attestation-inline", "attestation-prefix", "oci-artifact"];
const KEYS_OF = {
  image: [...IMAGE_KEYS, "push", "push-by-digest", "name-canonical", "registry.insecure"],
  registry: [...IMAGE_KEYS, "push", "push-by-digest", "name-canonical", "registry.insecure"],
  oci: [...IMAGE_KEYS, "dest", "tar"],
  docker: [...IMAGE_KEYS, "dest", "tar", "context"],
  local: [...FILES_KEYS, "mode"],
  tar: FILES_KEYS,
  cacheonly: [] as string[],
} as const;
type OutputType = keyof typeof KEYS_OF;

const COMPRESSIONS = ["gzip", "uncompressed", "zstd", "estargz"] as const;
const ANNOTATION = /^annotation(?:-([a-z-]+))?(?:\[([^\]]*)\])?\.(\S+)$/;
const ANNOTATION_PLACES = ["manifest", "index", "manifest-descriptor", "index-descriptor"] as const;
const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];

/**
 * Reads one `--output`: comma-separated `key=value` with CSV quoting; a bare path means `type=local,dest=PATH`, `-` means `type=tar,dest=-`.
 * @throws {ProblemError} `output-malformed` (with the nearest known type or attribute) | `output-conflict` | `feature-unsupported` | `reference-malformed` | `platform-*`
 */
export function parseOutput(text: string): Output {
  const fields = csvFields(text);
  if (fields === undefined) throw malformed(text, "has a quote where none may stand", "quote a whole field: --output 'type=image,\"name=a,b\"'");
  if (fields.length === 1 && fields[0] === text && !text.startsWith("type=")) {
    if (text === "") throw malformed(text, "is empty", "wanted type=TYPE,KEY=VALUE… or a folder");
    return text === "-" ? { type: "tar", dest: "-" } : { type: "local", dest: text };
  }
  return read(new Attributes(text, fields));
}

function read(given: Attributes): Output {
  const type = given.type;
  switch (type) {
    case "image":
    case "registry": {
      const pushByDigest = given.flag("push-by-digest") ?? false;
      return {
        type: "image",
        ...imageAttributes(given, pushByDigest),
        push: type === "registry" || (given.flag("push") ?? false),
        pushByDigest,
        nameCanonical: given.flag("name-canonical") ?? false,
        insecure: given.flag("registry.insecure") ?? false,
      };
    }
    case "oci": {
      const tar = given.flag("tar") ?? true;
      if (!tar) return { type, ...imageAttributes(given), tar, dest: folderOf(given) };
      return { type, ...imageAttributes(given), tar, dest: given.text("dest") ?? "-" };
    }
    case "docker": {
      const tar = given.flag("tar") ?? true;
      const dest = tar ? given.text("dest") : folderOf(given);
      const context = given.text("context");
      return { type, ...imageAttributes(given), tar, ...(dest === undefined ? {} : { dest }), ...(context === undefined ? {} : { context }) };
    }
    case "local": {
      const mode = given.text("mode") ?? "copy";
      if (mode !== "copy" && mode !== "delete") throw malformed(given.source, `has the unknown mode "${mode}"`, "wanted mode=copy");
      if (mode === "delete")
        throw new ProblemError("feature-unsupported", {
          message: `--output "${given.source}" asks for mode=delete, which would remove files that the build did not make`,
          hint: "empty the folder yourself before the build",
        });
      return { type, dest: folderOf(given), ...platformSplit(given) };
    }
    case "tar":
      return { type, dest: given.text("dest") ?? "-", ...platformSplit(given) };
    case "cacheonly":
      return { type };
  }
}

function folderOf(given: Attributes): string {
  const dest = given.text("dest");
  if (dest === undefined || dest === "") throw malformed(given.source, "names no folder", "add dest=FOLDER");
  if (dest === "-") throw malformed(given.source, "writes a folder, which cannot go to stdout", "add dest=FOLDER, or use type=tar,dest=-");
  return dest;
}

function platformSplit(given: Attributes): { platformSplit?: boolean } {
  const split = given.flag("platform-split");
  return split === undefined ? {} : { platformSplit: split };
}

function imageAttributes(given: Attributes, byDigest = false): ImageAttributes {
  const oci = given.flag("oci-mediatypes");
  const layers = layerOptions(given);
  if (oci === false && (layers.compression === "zstd" || layers.compression === "estargz"))
    throw new ProblemError("output-conflict", {
      message: `--output "${given.source}" asks for compression=${layers.compression} with oci-mediatypes=false, and Docker's media types have no name for it`,
      hint: "leave oci-mediatypes out, or use compression=gzip",
    });
  return {
    names: namesOf(given.text("name"), byDigest),
    layers,
    ...(oci === undefined ? {} : { ociMediaTypes: oci }),
    annotations: given.annotations,
    rewriteTimestamp: given.flag("rewrite-timestamp") ?? false,
  };
}

/** Names of an image, separated by commas. @throws {ProblemError} `reference-malformed` | `output-conflict` */
export function namesOf(text: string | undefined, byDigest: boolean): readonly Reference[] {
  if (text === undefined || text === "") return [];
  return text.split(",").map((name) => {
    const reference = parseReference(name.trim());
    if (reference.digest !== undefined)
      throw new ProblemError("output-conflict", {
        message: `"${name}" names a digest, which only the build can know`,
        hint: "name a tag, or use push-by-digest=true",
      });
    if (!byDigest) return withDefaultTag(reference);
    if (reference.tag === undefined) return reference;
    throw new ProblemError("output-conflict", { message: `"${name}" has a tag, and push-by-digest=true writes none`, hint: "leave the tag out" });
  });
}

function layerOptions(given: Attributes): Partial<LayerOptions> {
  const compression = given.text("compression");
  const known = COMPRESSIONS.find((name) => name === compression);
  if (compression !== undefined && known === undefined) throw given.unknownWord("compression", compression, COMPRESSIONS);
  const level = given.text("compression-level");
  const highest = known === "zstd" ? 22 : 9;
  if (level !== undefined && !(/^\d{1,2}$/.test(level) && Number(level) <= highest))
    throw malformed(given.source, `has the compression-level "${level}"`, `wanted a number from 0 to ${highest}`);
  const force = given.flag("force-compression");
  return {
    ...(known === undefined ? {} : { compression: known }),
    ...(level === undefined ? {} : { level: Number(level) }),
    ...(force === undefined ? {} : { force }),
  };
}

function annotationOf(source: string, key: string, value: string): Annotation | undefined {
  const match = ANNOTATION.exec(key);
  if (match === null) return undefined;
  const [, word = "manifest", platform, name] = match;
  const at = ANNOTATION_PLACES.find((place) => place === word);
  if (at === undefined)
    throw malformed(
      source,
      `puts an annotation at the unknown place "${word}"`,
      `wanted ${ANNOTATION_PLACES.map((place) => `annotation-${place}`).join(", ")}`,
    );
  return { at, key: name as string, value, ...(platform === undefined || platform === "" ? {} : { platform: parsePlatform(platform) }) };
}

/** The `key=value` pairs of one output, each known to its type. */
class Attributes {
  readonly source: string;
  readonly type: OutputType;
  readonly annotations: readonly Annotation[];
  readonly #values = new Map<string, string>();

  constructor(source: string, fields: readonly string[]) {
    this.source = source;
    const annotations: Annotation[] = [];
    for (const field of fields) {
      const equals = field.indexOf("=");
      if (equals === -1) throw malformed(source, `has "${field}" where KEY=VALUE is wanted`, `quote a value that holds a comma: "name=a,b" as one field`);
      const key = field.slice(0, equals).toLowerCase().trim();
      const value = field.slice(equals + 1);
      const annotation = annotationOf(source, key, value);
      if (annotation === undefined) this.#values.set(key, value);
      else annotations.push(annotation);
    }
    this.annotations = annotations;
    this.type = this.#takeType();
    const known: readonly string[] = KEYS_OF[this.type];
    for (const key of this.#values.keys()) {
      if (known.includes(key) || WITHOUT_EFFECT.includes(key)) continue;
      if (key === "source-date-epoch")
        throw new ProblemError("feature-unsupported", {
          message: `--output "${source}" sets source-date-epoch for one output`,
          hint: "use --build-arg SOURCE_DATE_EPOCH=SECONDS, which holds for the whole build",
        });
      throw this.#unknownKey(key, known);
    }
    if (annotations.length > 0 && !known.includes("name"))
      throw malformed(source, `has annotations, and type=${this.type} holds no image`, "use type=oci or type=image");
  }

  #takeType(): OutputType {
    const type = this.#values.get("type");
    this.#values.delete("type");
    if (type === undefined || type === "") throw malformed(this.source, "has no type", "add type=image, registry, oci, docker, local or tar");
    if (Object.hasOwn(KEYS_OF, type)) return type as OutputType;
    throw this.unknownWord("type", type, Object.keys(KEYS_OF));
  }

  #unknownKey(key: string, known: readonly string[]): ProblemError {
    const elsewhere = Object.entries(KEYS_OF).filter(([, keys]) => (keys as readonly string[]).includes(key));
    if (elsewhere.length > 0)
      return malformed(this.source, `has "${key}", which type=${this.type} does not know`, `it belongs to type=${elsewhere.map(([type]) => type).join(", ")}`);
    const suggestion = nearest(key, [...known, ...(known.includes("name") ? ANNOTATION_PLACES.map((place) => `annotation-${place}.KEY`) : [])]);
    return malformed(
      this.source,
      `has the unknown attribute "${key}"`,
      suggestion === undefined ? `type=${this.type} knows ${known.join(", ")}` : `did you mean ${suggestion}?`,
    );
  }

  text(key: string): string | undefined {
    return this.#values.get(key);
  }

  /** Go's `ParseBool`; an empty value means yes, as BuildKit reads it. */
  flag(key: string): boolean | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    if (value === "" || TRUE.includes(value)) return true;
    if (FALSE.includes(value)) return false;
    throw malformed(this.source, `has ${key}="${value}"`, "wanted true or false");
  }

  unknownWord(what: string, got: string, known: readonly string[]): ProblemError {
    const suggestion = nearest(got, known);
    return malformed(this.source, `has the unknown ${what} "${got}"`, suggestion === undefined ? `wanted ${known.join(", ")}` : `did you mean ${suggestion}?`);
  }
}

function malformed(source: string, what: string, hint: string): ProblemError {
  return new ProblemError("output-malformed", { message: `--output "${source}" ${what}`, hint });
}
