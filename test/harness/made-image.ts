// Whole images in memory from plain data, sound or broken in just the way that is told. `made-image-spec.ts` tells the data's form, which case files hold in YAML.
//
//   const made = await makeImage({ platforms: { "linux/amd64": { layers: [{ files: { app: { elf: { machine: "amd64" } } } }] } } });
//   made.blobs, made.root, made.of["linux/amd64"].layers[0]     what readers of images take
//   await readMade(spec)                                        the Subject that rules look at (made-image-subject.ts)
//   await writeMadeLayout(made, folder)                         an OCI layout on disk, damage and all
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Digest, digestOf } from "../../src/core/digest.ts";
import { MEDIA_TYPE } from "../../src/core/media-type.ts";
import { parsePlatform } from "../../src/core/platform.ts";
import { ProblemError } from "../../src/core/problem.ts";
import type { BlobReader } from "../../src/image/blob-store.ts";
import type { Descriptor } from "../../src/image/descriptor.ts";
import { blobPath, INDEX_FILE, LAYOUT_FILE, LAYOUT_MARK } from "../../src/image/layout.ts";
import { verified } from "../../src/image/verified.ts";
import type { WantedPlatforms } from "../../src/verify/subject.ts";
import { damaged, edited, isEdited, over } from "./made-image-edit.ts";
import { bytesOf, tarOf } from "./made-image-files.ts";
import { checkMadeImage, type MadeArtifact, type MadeImage, type MadeLayer, type MadePlatform } from "./made-image-spec.ts";

export type { MadeFile, MadeImage, MadeLayer, MadePlatform } from "./made-image-spec.ts";

/** When images are made where they do not say. */
export const MADE_TIME = "2026-01-01T00:00:00Z";

export interface MadeSource {
  readonly name: string;
  /** A damaged blob reads as a registry or layout would give it: `digest-mismatch` at its end. */
  readonly blobs: BlobReader;
  readonly root: Descriptor;
  /** What descriptors in the documents say, by platform as the spec names it. */
  readonly of: Readonly<Record<string, MadeParts>>;
  /** Blobs as they lie there, damage and all. */
  readonly all: ReadonlyMap<Digest, Uint8Array>;
  readonly wanted: WantedPlatforms | undefined;
}

export interface MadeParts {
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Media types of one form. */
interface Form {
  readonly index: string;
  readonly manifest: string;
  readonly config: string;
  readonly layer: Readonly<Record<NonNullable<MadeLayer["compression"]>, string>>;
}

const FORMS: Readonly<Record<"oci" | "docker", Form>> = {
  oci: {
    index: MEDIA_TYPE.ociIndex,
    manifest: MEDIA_TYPE.ociManifest,
    config: MEDIA_TYPE.ociConfig,
    layer: {
      none: MEDIA_TYPE.ociLayer,
      gzip: MEDIA_TYPE.ociLayerGzip,
      "gzip-members": MEDIA_TYPE.ociLayerGzip,
      zstd: MEDIA_TYPE.ociLayerZstd,
    },
  },
  docker: {
    index: MEDIA_TYPE.dockerIndex,
    manifest: MEDIA_TYPE.dockerManifest,
    config: MEDIA_TYPE.dockerConfig,
    layer: {
      none: MEDIA_TYPE.dockerLayer,
      gzip: MEDIA_TYPE.dockerLayerGzip,
      "gzip-members": MEDIA_TYPE.dockerLayerGzip,
      zstd: "application/vnd.docker.image.rootfs.diff.tar.zstd",
    },
  },
};

/** @throws {Error} for a spec that means nothing */
export async function makeImage(spec: MadeImage): Promise<MadeSource> {
  checkMadeImage(spec);
  return new Maker(spec).make();
}

class Maker {
  readonly #spec: MadeImage;
  readonly #form: Form;
  readonly #blobs = new Map<Digest, Uint8Array>();
  /** What `edits` and `damage` name, with the digest it got. */
  readonly #named = new Map<string, Digest>();

  constructor(spec: MadeImage) {
    this.#spec = spec;
    this.#form = FORMS[spec.form ?? "oci"];
  }

  make(): MadeSource {
    const spec = this.#spec;
    const { index, of } = this.#images();
    const first = Object.values(of)[0];
    if (spec.bare === true && (first === undefined || Object.keys(of).length > 1)) throw new Error("a bare image is of one platform");
    const root = spec.bare === true && first !== undefined ? first.manifest : index();
    const told = edited(spec.edits, "root", { ...root });
    const strange = (spec.edits ?? []).map(({ document }) => document).filter((name) => name !== "root" && !this.#named.has(name));
    if (strange.length > 0) throw new Error(`edits: there is no ${strange.join(", ")}`);
    const all = damaged(this.#blobs, spec.damage ?? [], (name) => this.#named.get(name));
    const { verify } = spec;
    return {
      name: spec.name ?? "made",
      blobs: blobsOf(all),
      root: told as unknown as Descriptor,
      of,
      all,
      wanted:
        verify?.platforms === undefined
          ? undefined
          : {
              platforms: verify.platforms.map((text) => parsePlatform(text)),
              by: verify.by ?? "--platform",
              ...(verify.supposed === true ? { supposed: true } : {}),
            },
    };
  }

  #images(): { readonly of: Readonly<Record<string, MadeParts>>; readonly index: () => Descriptor } {
    const of: Record<string, MadeParts> = {};
    const entries = new Map<string, unknown>();
    const attestations: unknown[] = [];
    for (const [name, platform] of Object.entries(this.#spec.platforms)) {
      const parts = this.#platform(name, platform);
      of[name] = parts;
      entries.set(name, over({ ...parts.manifest, platform: parsePlatform(plain(name)) }, platform.entry));
      if (platform.attestation !== undefined) attestations.push(this.#attestation(name, platform, parts));
    }
    const artifacts = (this.#spec.artifacts ?? []).map((artifact, i) => this.#artifact(artifact, i, of));
    return {
      of,
      index: () => {
        const nested = this.#spec.nested ?? [];
        const lone = nested.filter((name) => !entries.has(name));
        if (lone.length > 0) throw new Error(`nested: there is no ${lone.join(", ")}`);
        const own = [...entries].filter(([name]) => !nested.includes(name)).map(([, entry]) => entry);
        const inner =
          nested.length === 0
            ? []
            : [
                this.#index(
                  "nested",
                  nested.map((name) => entries.get(name)),
                  undefined,
                ),
              ];
        return this.#index("index", [...own, ...inner, ...attestations, ...artifacts], this.#spec.annotations);
      },
    };
  }

  #index(name: string, manifests: readonly unknown[], annotations: MadeImage["annotations"]): Descriptor {
    const mediaType = this.#form.index;
    return this.#document(name, mediaType, { schemaVersion: 2, mediaType, manifests, ...(annotations === undefined ? {} : { annotations }) });
  }

  #platform(name: string, made: MadePlatform): MadeParts {
    const layers = (made.layers ?? []).map((layer, i) => this.#layer(layer, `${name} layer ${i + 1}`));
    const { "os.features": features, ...platform } = parsePlatform(plain(name));
    const created = made.created === undefined ? MADE_TIME : made.created;
    const history = made.history === undefined ? historyOf(made.layers ?? [], created ?? undefined) : made.history;
    const config = this.#document(
      `${name} config`,
      this.#form.config,
      over(
        {
          ...platform,
          ...(features === undefined ? {} : { "os.features": features }),
          ...(created === null ? {} : { created }),
          config: made.config ?? {},
          rootfs: { type: "layers", diff_ids: layers.flatMap(({ diffId }) => (diffId === null ? [] : [diffId])) },
          ...(history === null ? {} : { history }),
        },
        made.image,
      ),
    );
    const descriptors = layers.map(({ descriptor }) => descriptor);
    const manifest = this.#document(`${name} manifest`, this.#form.manifest, {
      schemaVersion: 2,
      mediaType: this.#form.manifest,
      config,
      layers: descriptors,
      ...(made.annotations === undefined ? {} : { annotations: made.annotations }),
    });
    return { manifest, config, layers: descriptors };
  }

  #layer(made: MadeLayer, name: string): { readonly descriptor: Descriptor; readonly diffId: string | null } {
    const compression = made.compression ?? "none";
    const { bytes, digest, diffId } = packed(made);
    this.#named.set(name, digest);
    if (made.absent !== true) this.#blobs.set(digest, bytes);
    const descriptor = over({ mediaType: this.#form.layer[compression], digest, size: bytes.length }, made.descriptor) as unknown as Descriptor;
    return { descriptor, diffId: made.diffId === undefined ? diffId : made.diffId };
  }

  /** As BuildKit writes them: a manifest of in-toto statements with a config of no platform. */
  #attestation(name: string, platform: MadePlatform, { manifest: image }: MadeParts): unknown {
    const given = platform.attestation === true || platform.attestation === undefined ? {} : platform.attestation;
    const statements = (given.predicates ?? ["https://slsa.dev/provenance/v1"]).map((predicateType) => {
      const subject = [{ name: `pkg:docker/made?platform=${encodeURIComponent(plain(name))}`, digest: { sha256: image.digest.slice("sha256:".length) } }];
      const blob = this.#put(Buffer.from(JSON.stringify({ _type: "https://in-toto.io/Statement/v0.1", predicateType, subject, predicate: {} })));
      return { mediaType: "application/vnd.in-toto+json", ...blob, annotations: { "in-toto.io/predicate-type": predicateType } };
    });
    const config = this.#document(`${name} attestation config`, MEDIA_TYPE.ociConfig, {
      architecture: "unknown",
      os: "unknown",
      config: {},
      rootfs: { type: "layers", diff_ids: statements.map(({ digest }) => digest) },
    });
    const document = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: statements };
    const descriptor = this.#document(`${name} attestation`, MEDIA_TYPE.ociManifest, document);
    const annotations = { "vnd.docker.reference.digest": given.of ?? image.digest, "vnd.docker.reference.type": "attestation-manifest" };
    return over({ ...descriptor, annotations, platform: { architecture: "unknown", os: "unknown" } }, given.entry);
  }

  #artifact(made: MadeArtifact, at: number, of: Readonly<Record<string, MadeParts>>): unknown {
    const config = { mediaType: made.configType ?? MEDIA_TYPE.ociEmpty, ...this.#put(Buffer.from(JSON.stringify(made.config ?? {}))) };
    const subject = made.subject === undefined ? undefined : of[made.subject]?.manifest;
    const descriptor = this.#document(`artifact ${at + 1}`, MEDIA_TYPE.ociManifest, {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      ...(made.artifactType === undefined ? {} : { artifactType: made.artifactType }),
      config,
      layers: (made.layers ?? []).map(({ mediaType, text }) => ({ mediaType, ...this.#put(Buffer.from(text)) })),
      ...(subject === undefined ? {} : { subject }),
      ...(made.annotations === undefined ? {} : { annotations: made.annotations }),
    });
    return over({ ...descriptor, ...(made.artifactType === undefined ? {} : { artifactType: made.artifactType }) }, made.entry);
  }

  #document(name: string, mediaType: string, fields: Readonly<Record<string, unknown>>): Descriptor {
    const value = isEdited(this.#spec.edits, name) ? edited(this.#spec.edits, name, fields) : fields;
    const placed = this.#put(Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)));
    this.#named.set(name, placed.digest);
    return { mediaType, ...placed };
  }

  #put(bytes: Uint8Array): { readonly digest: Digest; readonly size: number } {
    const digest = digestOf(bytes);
    this.#blobs.set(digest, bytes);
    return { digest, size: bytes.length };
  }
}

/** `linux/amd64#2` is a second image for linux/amd64. */
const plain = (name: string): string => name.split("#", 1)[0] as string;

const historyOf = (layers: readonly MadeLayer[], created: string | undefined): readonly object[] =>
  layers.flatMap(({ createdBy = "COPY . / # buildkit", then = [] }) => {
    const line = (created_by: string): object => ({ ...(created === undefined ? {} : { created }), created_by });
    return [line(createdBy), ...then.map((one) => ({ ...line(one), empty_layer: true }))];
  });

const PACK: Readonly<Record<NonNullable<MadeLayer["compression"]>, (archive: Buffer) => Buffer>> = {
  none: (archive) => archive,
  gzip: (archive) => gzipSync(archive),
  "gzip-members": (archive) => {
    const third = Math.ceil(archive.length / 3);
    return Buffer.concat([0, 1, 2].map((part) => gzipSync(archive.subarray(part * third, (part + 1) * third))));
  },
  zstd: zstdOf,
};

interface PackedLayer {
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly diffId: Digest;
}

const packedBefore = new WeakMap<MadeLayer, PackedLayer>();

/** A layer that several images have is made once. */
function packed(made: MadeLayer): PackedLayer {
  const before = packedBefore.get(made);
  if (before !== undefined) return before;
  const archive = made.raw === undefined ? tarOf(made.files ?? {}) : bytesOf(made.raw);
  const bytes = PACK[made.compression ?? "none"](archive);
  const layer = { bytes, digest: digestOf(bytes), diffId: digestOf(archive) };
  packedBefore.set(made, layer);
  return layer;
}

/** A zstd frame of blocks that are not compressed: RFC 8878, 3.1.1. */
function zstdOf(bytes: Buffer): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length, 5);
  const parts: Buffer[] = [head];
  const most = 128 * 1024;
  for (let at = 0; at === 0 || at < bytes.length; at += most) {
    const block = bytes.subarray(at, at + most);
    const size = Buffer.alloc(3);
    size.writeUIntLE((block.length << 3) | (at + most >= bytes.length ? 1 : 0), 0, 3);
    parts.push(size, block);
  }
  return Buffer.concat(parts);
}

function blobsOf(all: ReadonlyMap<Digest, Uint8Array>): BlobReader {
  return {
    stat: async (digest) => all.get(digest)?.length,
    open(digest, range) {
      const bytes = all.get(digest);
      if (bytes === undefined) throw new ProblemError("registry-not-found", { message: `the blob ${digest} is not there` });
      const stream = (async function* () {
        yield bytes.subarray(range?.start ?? 0, range?.end);
      })();
      return range === undefined ? verified(stream, digest, "a blob") : stream;
    },
  };
}

/** Writes an OCI layout, with one image that has the tag `latest`. */
export function writeMadeLayout(made: MadeSource, folder: string): void {
  for (const [digest, bytes] of made.all) {
    const path = join(folder, blobPath(digest));
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, bytes);
  }
  writeFileSync(join(folder, LAYOUT_FILE), LAYOUT_MARK);
  writeFileSync(join(folder, INDEX_FILE), JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [made.root] }));
}
