import { defineImageRule } from "../../../rule.ts";

/** moby daemon/internal/layer/layer_store.go, maxLayerDepth, read 2026-11-23. */
const DOCKER_LIMIT = 125;

export const rule = defineImageRule({
  meta: { id: "too-many-layers", summary: "an image has more layers than Docker can put upon each other", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    const { length } = image.layers;
    if (length <= DOCKER_LIMIT) return;
    report({
      message: `the image has ${length} layers, Docker's own store takes ${DOCKER_LIMIT}`,
      cause: 'a pull by Docker ends with "max depth exceeded" after everything was downloaded',
      remedies: ["put RUN and COPY instructions together", "copy the result of one stage into a fresh one: COPY --from=build / /"],
    });
  },
});
