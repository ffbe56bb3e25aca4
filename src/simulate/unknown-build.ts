import type { Place } from "../core/span.ts";
import type { Build, Through } from "./operation.ts";
import type { Switch, Texts } from "./text.ts";

const ANYTHING: Texts = { items: [], open: true, place: undefined };
const EITHER: Switch = { value: undefined, atoms: [], place: undefined };

/** A build of which nothing is known but who does it. */
export function unknownBuild(through: Through, place: Place): Build {
  return {
    kind: "build",
    through,
    place,
    name: undefined,
    builder: undefined,
    platforms: ANYTHING,
    tags: ANYTHING,
    push: EITHER,
    load: EITHER,
    outputs: ANYTHING,
    cacheTo: ANYTHING,
    cacheFrom: ANYTHING,
    provenance: undefined,
    sbom: undefined,
    attests: ANYTHING,
    annotations: ANYTHING,
    labels: ANYTHING,
    file: undefined,
    inline: undefined,
    context: { parts: [{ source: "$@", atoms: [] }], place },
    gitContext: false,
    stage: undefined,
    buildArgs: ANYTHING,
    buildContexts: ANYTHING,
    secrets: ANYTHING,
    network: undefined,
    allow: ANYTHING,
    manifest: undefined,
    onlyAsks: false,
  };
}
