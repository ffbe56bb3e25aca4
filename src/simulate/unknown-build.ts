import type { Place } from "../core/span.ts";
import { buildOf } from "./actions/asked.ts";
import type { Build, Through } from "./operation.ts";
import type { Switch, Texts } from "./text.ts";

const ANYTHING: Texts = { items: [], open: true, place: undefined };
const EITHER: Switch = { value: undefined, atoms: [], place: undefined };

/** A build of which nothing is known but who does it. */
export function unknownBuild(through: Through, place: Place): Build {
  return buildOf(place, through, {
    platforms: ANYTHING,
    tags: ANYTHING,
    push: EITHER,
    load: EITHER,
    outputs: ANYTHING,
    cacheTo: ANYTHING,
    cacheFrom: ANYTHING,
    attests: ANYTHING,
    annotations: ANYTHING,
    labels: ANYTHING,
    context: { parts: [{ source: "$@", atoms: [] }], place },
    buildArgs: ANYTHING,
    buildContexts: ANYTHING,
    secrets: ANYTHING,
    allow: ANYTHING,
  });
}
