// A made image as data: what case files of image rules hold in YAML, and what tests hand to `makeImage`.
//
//   platforms:                                  in the index's order; a second image of one platform is "linux/amd64#2"
//     linux/amd64:
//       config: { Entrypoint: [/app], Env: [PATH=/usr/bin:/bin], Labels: {a: b} }    the config's "config"; absent: {}
//       image: { author: me, variant: v2, os.version: 10.0.1 }                       other fields of the config document; null removes one of ours
//       created: 2026-01-01T00:00:00Z           null: none; absent: a fixed time
//       annotations: { a: b }                   of the manifest
//       entry: { annotations: {a: b}, platform: {os: linux, architecture: arm64} }   fields of the index's entry; null removes one
//       attestation: true                       adds one as BuildKit does; { of: sha256:…, entry: {…}, predicates: [https://…] } for another
//       history: [{ created_by: X }]            instead of the one that fits; null: none
//       layers:                                 lowest first; equal content is one blob (YAML anchors serve), and layers are stored uncompressed unless told
//         - createdBy: COPY app /app            its line of history
//           then: [ENV A=1]                     lines of history after it that made no layer
//           compression: none                   none | gzip | gzip-members (three) | zstd
//           files:                              by path, in order, without leading slash; folders above are not written, but implied
//             etc/os-release: "ID=debian\n"     a text
//             app: { elf: { machine: amd64 }, mode: 0o755 }        ElfSpec of elf-file.ts; also `pe`, `macho`
//             blob: { base64: AAEC }            or `hex`, `text`, `size: 20000000` (so many zeros), `noise: 5000` (so many bytes that do not shrink)
//             lib.jar: { zip: { native/a.so: { elf: { machine: arm64 } } } }           archives of such files: `zip`, `tar`, `tgz`
//             bin: { link: usr/bin }            symlink, as written
//             twin: { hardlink: app }
//             tmp: { folder: true, mode: 0o1777 }
//             dev/null: { char: [1, 3] }        also `block: [8, 0]`, `fifo: true`
//             old: { whiteout: true }           writes .wh.old
//             opt: { opaque: true }             writes opt/.wh..wh..opq
//             …each with `mode`, `uid`, `gid`, `mtime` (seconds), `xattrs: { user.a: base64 }`
//           raw: { text: "no tar" }             bytes in place of the archive; also `base64`, `hex`; compressed as told
//           diffId: sha256:…                    in the config, instead of the true one; null: left out
//           descriptor: { mediaType: x, urls: [https://…] }                            fields of its descriptor; null removes one
//           absent: true                        the blob is nowhere
//   form: oci                                   oci | docker: media types
//   bare: true                                  no index: the one platform's manifest is the root
//   annotations: { a: b }                       of the index
//   nested: [linux/arm64]                       these lie in an index of their own, which the root names
//   artifacts:                                  further manifests of the index, which are no images
//     - { artifactType: application/vnd.x, config: {}, layers: [{ mediaType: text/plain, text: hello }], annotations: {}, subject: linux/amd64, entry: {…} }
//   edits:                                      documents, before they are digested; the fields of others that point to them fit
//     - { document: linux/amd64 manifest, set: { layers.0.size: 5, /annotations/org.x: 1 }, remove: [config] }
//     - { document: index, text: "no JSON" }    in place of the document; `append: "\n"` adds to it
//       `linux/amd64 config`, `linux/amd64 manifest`, `linux/amd64 attestation`, `linux/amd64 attestation config`, `artifact 1`, `nested`, `index`, `root` (the descriptor of the root as its source tells it)
//       A way is joined by dots, or begins with a slash and is a JSON pointer. Set beyond a list's end adds to it.
//   damage:                                     blobs, after all was digested: descriptors no longer tell the truth
//     - { blob: linux/amd64 layer 1, flip: 10 }                    also `truncate: 100` (bytes that stay), `append: text`, `replace: text`, `remove: true`
//       `linux/amd64 layer N`, and the documents as above but for `root`
//   verify: { platforms: [linux/amd64], by: --platform, archives: true, supposed: true }   what is wanted of it; `archives`: look into jars and wheels
//   against: { platforms: …, equal: true, name: other }            compared with this image; `equal`: must be equal
//   smoke: [{ platform: linux/amd64, state: failed, exitCode: 1, why: …, output: … }]  what starting it gave; the rest of SmokeResult has defaults
import type { SmokeResult } from "../../src/verify/smoke.ts";
import type { ElfSpec, MachoSpec, PeSpec } from "./elf-file.ts";

export interface MadeImage {
  readonly platforms: Readonly<Record<string, MadePlatform>>;
  readonly form?: "oci" | "docker";
  readonly bare?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly nested?: readonly string[];
  readonly artifacts?: readonly MadeArtifact[];
  readonly edits?: readonly MadeEdit[];
  readonly damage?: readonly MadeDamage[];
  readonly verify?: { readonly platforms?: readonly string[]; readonly by?: string; readonly archives?: boolean; readonly supposed?: boolean };
  readonly against?: MadeImage & { readonly equal?: boolean };
  readonly name?: string;
  readonly smoke?: readonly (Partial<SmokeResult> & Pick<SmokeResult, "platform" | "state">)[];
}

/** Fields that are set over ours; null removes one. */
export type Over = Readonly<Record<string, unknown>>;

export interface MadePlatform {
  readonly config?: Over;
  readonly image?: Over;
  readonly created?: string | null;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly entry?: Over;
  readonly attestation?: true | { readonly of?: string; readonly entry?: Over; readonly predicates?: readonly string[] };
  readonly history?: readonly unknown[] | null;
  readonly layers?: readonly MadeLayer[];
}

export interface MadeLayer {
  readonly createdBy?: string;
  readonly then?: readonly string[];
  readonly compression?: "none" | "gzip" | "gzip-members" | "zstd";
  readonly files?: Readonly<Record<string, MadeFile>>;
  readonly raw?: MadeBytes;
  readonly diffId?: string | null;
  readonly descriptor?: Over;
  readonly absent?: boolean;
}

export interface MadeBytes {
  readonly text?: string;
  readonly base64?: string;
  readonly hex?: string;
}

export type MadeFile = string | MadeFileFields;

export interface MadeFileFields extends MadeBytes {
  readonly size?: number;
  readonly noise?: number;
  readonly elf?: ElfSpec;
  readonly pe?: PeSpec;
  readonly macho?: MachoSpec;
  readonly zip?: Readonly<Record<string, MadeFile>>;
  readonly tar?: Readonly<Record<string, MadeFile>>;
  readonly tgz?: Readonly<Record<string, MadeFile>>;
  readonly link?: string;
  readonly hardlink?: string;
  readonly folder?: boolean;
  readonly char?: readonly [number, number];
  readonly block?: readonly [number, number];
  readonly fifo?: boolean;
  readonly whiteout?: boolean;
  readonly opaque?: boolean;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  /** Values in base64. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

export interface MadeArtifact {
  readonly artifactType?: string;
  readonly configType?: string;
  readonly config?: Over;
  readonly layers?: readonly { readonly mediaType: string; readonly text: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: string;
  readonly entry?: Over;
}

export interface MadeEdit {
  readonly document: string;
  readonly set?: Over;
  readonly remove?: readonly string[];
  readonly text?: string;
  readonly append?: string;
}

export interface MadeDamage {
  readonly blob: string;
  readonly flip?: number;
  readonly truncate?: number;
  readonly append?: string;
  readonly replace?: string;
  readonly remove?: boolean;
}

const KEYS = {
  image: ["platforms", "form", "bare", "annotations", "nested", "artifacts", "edits", "damage", "verify", "against", "name", "smoke", "equal"],
  platform: ["config", "image", "created", "annotations", "entry", "attestation", "history", "layers"],
  layer: ["createdBy", "then", "compression", "files", "raw", "diffId", "descriptor", "absent"],
  file: [
    ...["text", "base64", "hex", "size", "noise", "elf", "pe", "macho", "zip", "tar", "tgz", "link", "hardlink", "folder", "char", "block", "fifo"],
    ...["whiteout", "opaque", "mode", "uid", "gid", "mtime", "xattrs"],
  ],
  edit: ["document", "set", "remove", "text", "append"],
  damage: ["blob", "flip", "truncate", "append", "replace", "remove"],
} as const;

/** Refuses what would silently test nothing: a key that means nothing. @throws {Error} */
export function checkMadeImage(spec: MadeImage, at = "the image"): void {
  known(spec, KEYS.image, at);
  for (const [name, platform] of Object.entries(spec.platforms)) {
    known(platform, KEYS.platform, `${at}, ${name}`);
    for (const [i, layer] of (platform.layers ?? []).entries()) {
      known(layer, KEYS.layer, `${at}, ${name}, layer ${i + 1}`);
      checkFiles(layer.files ?? {}, `${at}, ${name}, layer ${i + 1}`);
    }
  }
  for (const edit of spec.edits ?? []) known(edit, KEYS.edit, `${at}, edits`);
  for (const damage of spec.damage ?? []) known(damage, KEYS.damage, `${at}, damage`);
  if (spec.against !== undefined) checkMadeImage(spec.against, "against");
}

function checkFiles(files: Readonly<Record<string, MadeFile>>, at: string): void {
  for (const [path, file] of Object.entries(files)) {
    if (typeof file === "string") continue;
    known(file, KEYS.file, `${at}, ${path}`);
    checkFiles(file.zip ?? file.tar ?? file.tgz ?? {}, `${at}, ${path}`);
  }
}

function known(value: object, keys: readonly string[], at: string): void {
  if (typeof value !== "object" || value === null) throw new Error(`${at}: not an object`);
  const strange = Object.keys(value).filter((key) => !keys.includes(key));
  if (strange.length > 0) throw new Error(`${at}: ${strange.join(", ")} means nothing here`);
}
