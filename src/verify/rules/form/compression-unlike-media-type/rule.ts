import { clause } from "../../../../facts/clauses.ts";
import { defineImageRule } from "../../../rule.ts";
import type { Compression } from "../../../scan/contents.ts";
import { layerUses } from "../places.ts";
import { quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: {
    id: "compression-unlike-media-type",
    summary: "a layer is compressed otherwise than its media type says",
    severity: "warning",
    confidence: "certain",
  },
  image(subject, report) {
    for (const { layer, at, facts } of layerUses(subject)) {
      const said = saidOf(layer.descriptor.mediaType);
      const got = layer.contents?.compression;
      if (got === undefined || said === undefined || said === got || (said === "any" && !EXOTIC.has(got))) continue;
      const refused = said === "none" || EXOTIC.has(got);
      report({
        severity: refused ? "error" : "warning",
        message: `layer ${layer.number} is ${got === "none" ? "not compressed" : `compressed with ${got}`}, its media type is ${quoted(layer.descriptor.mediaType)}`,
        at,
        facts,
        clause: said === "zstd" ? clause("layer-zstd") : clause("layer-gzip"),
        cause: EXOTIC.has(got)
          ? "containerd unpacks gzip and zstd only"
          : refused
            ? "containerd reads a layer of this type as a bare archive, and fails at its first header"
            : "containerd and Docker look at the content; clients that go by the type fail, such as those that choose a decompressor before the first byte",
        remedies: ["give the layer the media type of its content", "write the image anew: docker buildx build --output type=registry,force-compression=true"],
      });
    }
  },
});

const EXOTIC: ReadonlySet<Compression> = new Set(["bzip2", "xz"]);

// containerd core/images/mediatypes.go, DiffCompression: Docker's plain type may be anything. Read 2026-11-23.
function saidOf(type: string): Compression | "any" | undefined {
  if (/^application\/vnd\.docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.(?:gzip|zstd))?$/.test(type))
    return type.endsWith(".gzip") ? "gzip" : type.endsWith(".zstd") ? "zstd" : "any";
  if (!/^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+|$)/.test(type)) return undefined;
  return type.endsWith("+gzip") ? "gzip" : type.endsWith("+zstd") ? "zstd" : type.endsWith(".tar") ? "none" : undefined;
}
