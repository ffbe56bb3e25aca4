import { type Digest, digestOf } from "../../src/core/digest.ts";
import { MEDIA_TYPE } from "../../src/core/media-type.ts";
import { bestMatch, formatPlatform, parsePlatform } from "../../src/core/platform.ts";
import { ProblemError } from "../../src/core/problem.ts";
import { stableJson } from "../../src/core/stable-json.ts";
import type { HistoryEntry, ImageConfig, RunConfig } from "../../src/image/config.ts";
import type { Manifest } from "../../src/image/manifest.ts";
import { type ImageResolver, platformMissing, type ResolvedImage } from "../../src/plan/ports.ts";

export interface FakeImage {
  /** Platforms of its index; the config is the same for each. */
  readonly platforms?: readonly string[];
  /** Without an index: the one platform that its config tells. */
  readonly only?: string;
  readonly config?: RunConfig;
  readonly history?: readonly HistoryEntry[];
  readonly author?: string;
  /** Layers; 1 unless told. */
  readonly layers?: number;
}

/** Images by full reference (`docker.io/library/debian:12`, `oci-layout://FOLDER`), with one made-up layer each. `asked` fills as they are resolved. */
export function fakeImages(images: Readonly<Record<string, FakeImage>>): ImageResolver & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async resolve(source, platform) {
      const name = source.kind === "registry" ? source.reference : `oci-layout://${source.folder}`;
      asked.push(`${name} ${formatPlatform(platform)}`);
      const image = images[name];
      if (image === undefined) throw new ProblemError("registry-not-found", { message: `"${name}" is not there`, hint: "look at the name" });
      if (image.only !== undefined) return resolved(name, image, image.only);
      const offered = (image.platforms ?? ["linux/amd64", "linux/arm64"]).map((text) => ({ text, platform: parsePlatform(text) }));
      const found = bestMatch(platform, offered);
      if (found !== undefined) return resolved(name, image, found.text);
      throw platformMissing(
        name,
        platform,
        offered.map((entry) => entry.platform),
      );
    },
  };
}

function resolved(name: string, image: FakeImage, platform: string): ResolvedImage {
  const layers = Array.from({ length: image.layers ?? 1 }, (_, i) => `${name} ${platform} layer ${i}`);
  const config: ImageConfig = {
    ...parsePlatform(platform),
    created: "2020-01-01T00:00:00Z",
    ...(image.author === undefined ? {} : { author: image.author }),
    config: image.config ?? {},
    rootfs: { type: "layers", diff_ids: layers.map((layer) => digestOf(`diff of ${layer}`)) },
    history: image.history ?? [{ created: "2020-01-01T00:00:00Z", created_by: "the base" }],
  };
  const value: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: descriptor(MEDIA_TYPE.ociConfig, digestOf(stableJson(config))),
    layers: layers.map((layer) => descriptor(MEDIA_TYPE.ociLayerGzip, digestOf(layer))),
  };
  const bytes = Buffer.from(stableJson(value));
  const digest = digestOf(bytes);
  return {
    reference: `${name.replace(/@.*/, "")}@${digest}`,
    manifest: { bytes, descriptor: { mediaType: MEDIA_TYPE.ociManifest, digest, size: bytes.length }, value },
    config,
  };
}

const descriptor = (mediaType: string, digest: Digest) => ({ mediaType, digest, size: 1 });
