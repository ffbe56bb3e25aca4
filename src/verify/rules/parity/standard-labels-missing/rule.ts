import { isStandardLabel } from "../../../../facts/labels.ts";
import { defineImageRule } from "../../../rule.ts";

export const rule = defineImageRule({
  meta: { id: "standard-labels-missing", summary: "no label or annotation says where the image comes from", severity: "info", confidence: "certain" },
  image(subject, report) {
    const { images, documents } = subject;
    if (images.length === 0 || images.some(({ config, manifest }) => config.value === undefined || manifest.manifest === undefined)) return;
    const all = [
      ...images.flatMap(({ config, entry }) => [config.value?.config?.Labels, entry?.annotations]),
      ...documents.map(({ index, manifest }) => (index ?? manifest)?.annotations),
    ];
    if (all.some((map) => Object.keys(map ?? {}).some(isStandardLabel))) return;
    report({
      message: 'no label and no annotation begins with "org.opencontainers.image."',
      cause: "registries, scanners and people find the sources, the revision and the licence of an image by them",
      remedies: [
        "set org.opencontainers.image.source, .revision, .version and .licenses as labels (docker/metadata-action makes them) and as annotations of the index",
      ],
    });
  },
});
