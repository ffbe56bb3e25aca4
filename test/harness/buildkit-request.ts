import { parsePlatform } from "../../src/core/platform.ts";
import type { BuildkitRequest } from "../../src/engine/buildkit/request.ts";

/** What BuildKit is asked when nothing is said but the platforms. */
export const aBuildkitRequest = (platforms: readonly string[], more: Partial<BuildkitRequest> = {}): BuildkitRequest => ({
  context: ".",
  platforms: platforms.map((text) => parsePlatform(text)),
  buildArgs: [],
  buildContexts: [],
  labels: [],
  secrets: [],
  ssh: [],
  allow: [],
  addHosts: [],
  ulimits: [],
  noCache: false,
  noCacheFilter: [],
  pull: false,
  cacheFrom: [],
  cacheTo: [],
  attest: [],
  packing: { layers: { compression: "gzip", force: false }, ociMediaTypes: true, annotations: [] },
  env: {},
  ...more,
});
