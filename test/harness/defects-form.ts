import { EVERY, error, type WrittenDefect, warning } from "./defects.ts";
import { cleanImage, cleanPlatform, TWO } from "./defects-bases.ts";
import { damage, edits, layered, platform, withArtifact } from "./defects-change.ts";
import type { MadeLayer } from "./made-image-spec.ts";

const AMD = "linux/amd64";
const ARM = "linux/arm64";
const GZIP = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" };
/** A step that a loop wrote many times. */
const AGAIN: MadeLayer = { createdBy: "RUN touch /srv/done", files: { "srv/done": "" } };
const OTHER = `sha256:${"0123456789abcdef".repeat(4)}`;

/** Documents and bytes that are not as OCI's and Docker's specifications want them. */
export const FORM_DEFECTS: readonly WrittenDefect[] = [
  { name: "a layer was never pushed", image: damage({ blob: `${ARM} layer 2`, remove: true }), found: error("absent-content", ARM) },
  { name: "a config was cleaned up in the registry", image: damage({ blob: `${ARM} config`, remove: true }), found: error("absent-content", ARM) },
  { name: "one platform's manifest is gone", image: damage({ blob: `${ARM} manifest`, remove: true }), found: error("absent-content", ARM) },
  { name: "an attestation is gone", image: damage({ blob: `${ARM} attestation`, remove: true }), found: error("absent-content") },
  {
    name: "a byte of an SBOM fell over",
    image: damage({ blob: `${ARM} attestation config`, flip: 20 }),
    found: error("wrong-digest"),
    says: /the attestation's config/,
  },
  { name: "a byte of a layer fell over", image: damage({ blob: `${ARM} layer 2`, flip: 100 }), found: error("wrong-digest", ARM) },
  { name: "a byte of a config fell over", image: damage({ blob: `${AMD} config`, flip: 30 }), found: error("wrong-digest", AMD) },
  { name: "a manifest was exchanged under its digest", image: damage({ blob: `${ARM} manifest`, replace: "{}" }), found: error("wrong-digest", ARM) },
  { name: "a layer's upload was cut short", image: damage({ blob: `${ARM} layer 2`, truncate: 200 }), found: error("wrong-digest", ARM) },
  { name: "something hangs on a layer's end", image: damage({ blob: `${ARM} layer 2`, append: "\0\0" }), found: error("wrong-size", ARM) },
  {
    name: "a manifest says another size of its layer",
    image: edits({ document: `${ARM} manifest`, set: { "layers.1.size": 5 } }),
    found: error("wrong-size", ARM),
  },
  { name: "the index says another size of a manifest", image: platform(ARM, { entry: { size: 9 } }), found: error("wrong-size", ARM) },
  { name: "a config of another build", image: layered(ARM, 2, { diffId: OTHER }), found: error("wrong-diff-id", ARM) },
  { name: "a diff_id is missing", image: layered(ARM, 2, { diffId: null }), found: error("layers-unlike-diff-ids", ARM) },
  {
    name: "a layer more than diff_ids",
    image: edits({ document: `${ARM} config`, set: { "rootfs.diff_ids.2": OTHER } }),
    found: error("layers-unlike-diff-ids", ARM),
  },
  {
    name: "an archive is cut off within its gzip stream",
    image: layered(ARM, 2, { compression: "none", raw: { hex: "1f8b08000000000000034b4c4a" }, descriptor: GZIP }),
    found: error("unsound-layer", ARM),
  },
  { name: "a layer that is no archive", image: layered(ARM, 2, { raw: { text: "<html>404 Not Found</html>" } }), found: error("unsound-layer", ARM) },
  {
    name: "a gzip layer is said to be a bare archive",
    image: layered(ARM, 2, { descriptor: { mediaType: "application/vnd.oci.image.layer.v1.tar" } }),
    found: error("compression-unlike-media-type", ARM),
  },
  {
    name: "a zstd layer is said to be gzip",
    image: layered(ARM, 2, { compression: "zstd", descriptor: GZIP }),
    found: warning("compression-unlike-media-type", ARM),
  },
  {
    name: "a layer has a type of its own",
    image: layered(ARM, 2, { descriptor: { mediaType: "application/x-tar" } }),
    found: error("layer-of-other-type", ARM),
  },
  {
    name: "a layer lies nowhere, and nothing says where",
    image: layered(ARM, 2, { absent: true, descriptor: { mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" } }),
    found: error("foreign-layer", ARM),
  },
  {
    name: "a folder of Docker's overlay was packed",
    image: layered(ARM, 2, { files: { "etc/passwd-": { char: [0, 0] } } }, "add"),
    found: warning("leaked-overlay", ARM),
  },
  {
    name: "a hard link to a file that is nowhere",
    image: layered(ARM, 2, { files: { "srv/twin": { hardlink: "srv/not/there" } } }, "add"),
    found: error("layers-that-do-not-fit", ARM),
  },
  {
    name: "an image of nothing",
    image: { ...cleanImage(), platforms: { [ARM]: { ...cleanPlatform(ARM), config: {}, layers: [] } } },
    found: warning("image-without-layers", ARM),
  },
  {
    name: "more layers than Docker takes",
    image: platform(ARM, {
      layers: [...(cleanPlatform(ARM).layers ?? []), ...Array.from({ length: 130 }, () => AGAIN)],
    }),
    found: error("too-many-layers", ARM),
  },
  {
    name: "history tells of a layer too many",
    image: edits({ document: `${ARM} config`, set: { "history.2": { created_by: "RUN x" } } }),
    found: error("excess-history", ARM),
  },
  { name: "a config's time is no time", image: edits({ document: `${ARM} config`, set: { created: "yesterday" } }), found: error("malformed-config", ARM) },
  {
    name: "a config has a list where a text belongs",
    image: edits({ document: `${ARM} config`, set: { "config.Env": "PATH=/bin" } }),
    found: error("malformed-config", ARM),
  },
  {
    name: "a config does not say its architecture",
    image: edits({ document: `${ARM} config`, remove: ["architecture"] }),
    found: error("config-without-platform", ARM),
  },
  {
    name: "a config of another type",
    image: edits({ document: `${ARM} manifest`, set: { "config.mediaType": "application/vnd.docker.plugin.v1+json" } }),
    found: error("config-of-other-type", ARM),
  },
  {
    name: "the index says arm64, the config amd64",
    image: edits({ document: `${ARM} config`, set: { architecture: "amd64" } }),
    found: error("entry-unlike-config", ARM),
  },
  {
    name: "index and config have other variants",
    image: { ...cleanImage(["linux/amd64", "linux/arm/v7"]), edits: [{ document: "linux/arm/v7 config", set: { variant: "v6" } }] },
    found: warning("entry-unlike-config", "linux/arm/v7"),
  },
  { name: "an entry does not say its platform", image: platform(ARM, { entry: { platform: null } }), found: warning("entry-without-platform", ARM) },
  {
    name: "an architecture by the kernel's name",
    image: platform(ARM, { entry: { platform: { os: "linux", architecture: "aarch64" } }, image: { architecture: "aarch64" } }),
    found: warning("unusual-platform-name"),
  },
  {
    name: "a platform that nobody knows",
    image: platform(ARM, { entry: { platform: { os: "linux", architecture: "arm46" } }, image: { architecture: "arm46" } }),
    found: warning("unusual-platform-name"),
  },
  {
    name: "a variant that nobody knows",
    image: platform(ARM, { entry: { platform: { os: "linux", architecture: "arm64", variant: "v10" } } }),
    found: warning("odd-variant", "linux/arm64/v10"),
  },
  {
    name: "one platform twice, of two builds",
    image: { ...cleanImage(), platforms: { ...cleanImage().platforms, "linux/arm64#2": { ...cleanPlatform(ARM), created: "2026-01-02T00:00:00Z" } } },
    found: warning("repeated-platform"),
  },
  {
    name: "amd64/v3 before amd64",
    image: { ...cleanImage(), platforms: { "linux/amd64/v3": cleanPlatform(AMD), ...cleanImage().platforms } },
    found: warning("shadowed-platform"),
  },
  {
    name: "an image listed for unknown/unknown",
    image: platform(ARM, { entry: { platform: { os: "unknown", architecture: "unknown" } } }),
    found: warning("image-for-unknown-platform"),
  },
  { name: "an index in the index", image: { ...cleanImage(), nested: [ARM] }, found: warning("nested-index") },
  { name: "an index with nothing in it", image: { ...cleanImage(), edits: [{ document: "index", set: { manifests: [] } }] }, found: error("nothing-to-run") },
  {
    name: "an artifact in place of an image",
    image: {
      platforms: { [AMD]: { config: {} } },
      bare: true,
      edits: [{ document: `${AMD} manifest`, set: { artifactType: "application/vnd.example.chart", "config.mediaType": "application/vnd.oci.empty.v1+json" } }],
    },
    found: error("nothing-to-run"),
  },
  {
    name: "a manifest of Docker's schema 1",
    image: edits({ document: `${ARM} manifest`, text: '{"schemaVersion":1,"name":"app","tag":"latest","architecture":"arm64","fsLayers":[],"history":[]}' }),
    found: error("schema-1-manifest", "linux/arm64"),
  },
  {
    name: "a manifest calls itself an index",
    image: edits({ document: `${ARM} manifest`, set: { mediaType: "application/vnd.oci.image.index.v1+json" } }),
    found: error("contradicting-media-type", ARM),
  },
  {
    name: "an index with a config",
    image: edits({ document: "index", set: { config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: OTHER, size: 2 }, layers: [] } }),
    found: error("ambiguous-document"),
  },
  {
    name: "a manifest writes its layers twice, in other letters",
    image: edits({ document: `${ARM} manifest`, set: { Layers: [] } }),
    found: error("ambiguous-document", ARM),
  },
  { name: "the index is no JSON", image: edits({ document: "index", text: "<html>" }), found: error("malformed-document") },
  { name: "a manifest without its config", image: edits({ document: `${ARM} manifest`, remove: ["config"] }), found: error("malformed-document", ARM) },
  {
    name: "a manifest nested without end",
    image: edits({ document: `${ARM} manifest`, text: `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}` }),
    found: error("document-beyond-limits", ARM),
  },
  {
    name: "a descriptor with the data of another blob",
    image: edits({ document: `${ARM} manifest`, set: { "config.data": Buffer.from("{}").toString("base64") } }),
    found: error("wrong-embedded-data"),
  },
  {
    name: "a time in an annotation that is none",
    image: { ...cleanImage(), annotations: { ...cleanImage().annotations, "org.opencontainers.image.created": "22.11.2026" } },
    found: warning("malformed-annotation"),
  },
  { name: "an attestation of an earlier build", image: platform(ARM, { attestation: { of: OTHER } }), found: warning("unbound-attestation") },
  {
    name: "an attestation listed for linux/arm64",
    image: platform(ARM, { attestation: { entry: { platform: { os: "linux", architecture: "arm64" } } } }),
    found: warning("unbound-attestation"),
  },
  {
    name: "an artifact that does not say what it is",
    image: withArtifact({ layers: [{ mediaType: "text/plain", text: "hello" }] }),
    found: warning("unmarked-artifact"),
  },
  {
    name: "a working folder that is not absolute",
    image: edits(...TWO.map((name) => ({ document: `${name} config`, set: { "config.WorkingDir": "srv" } }))),
    found: error("unusable-setting", EVERY),
  },
  {
    name: "a port that is none",
    image: edits(...TWO.map((name) => ({ document: `${name} config`, set: { "config.ExposedPorts": { http: {} } } }))),
    found: error("unusable-setting", EVERY),
  },
  {
    name: "a signal that is none",
    image: edits(...TWO.map((name) => ({ document: `${name} config`, set: { "config.StopSignal": "SIGSTOPP" } }))),
    found: error("unusable-setting", EVERY),
  },
  {
    name: "a variable without a value",
    image: edits(...TWO.map((name) => ({ document: `${name} config`, set: { "config.Env.3": "DEBUG" } }))),
    found: warning("unusable-setting", EVERY),
  },
];
