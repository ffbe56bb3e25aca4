import type { Build, Operation } from "../operation.ts";
import { type Switch, shownText, type Text, type Texts, textOf } from "../text.ts";

/** Builds of which nobody knows which it will be, as one; undefined when they are no single builds. */
export function mergedBuilds(variants: readonly (readonly Operation[])[]): readonly Operation[] | undefined {
  const builds: Build[] = [];
  for (const [only, ...others] of variants) {
    if (only?.kind !== "build" || others.length > 0) return undefined;
    builds.push(only);
  }
  const [first, ...rest] = builds;
  return first === undefined ? undefined : [rest.reduce(merged, first)];
}

function merged(a: Build, b: Build): Build {
  return {
    ...a,
    builder: oneOf(a.builder, b.builder),
    platforms: both(a.platforms, b.platforms),
    tags: both(a.tags, b.tags),
    push: either(a.push, b.push),
    load: either(a.load, b.load),
    outputs: both(a.outputs, b.outputs),
    cacheTo: both(a.cacheTo, b.cacheTo),
    cacheFrom: both(a.cacheFrom, b.cacheFrom),
    provenance: oneOf(a.provenance, b.provenance),
    sbom: oneOf(a.sbom, b.sbom),
    attests: both(a.attests, b.attests),
    annotations: both(a.annotations, b.annotations),
    labels: both(a.labels, b.labels),
    file: oneOf(a.file, b.file),
    context: oneOf(a.context, b.context),
    stage: oneOf(a.stage, b.stage),
    buildArgs: both(a.buildArgs, b.buildArgs),
    buildContexts: both(a.buildContexts, b.buildContexts),
    secrets: both(a.secrets, b.secrets),
    network: oneOf(a.network, b.network),
    allow: both(a.allow, b.allow),
    manifest: oneOf(a.manifest, b.manifest),
    onlyAsks: a.onlyAsks && b.onlyAsks,
  };
}

const either = (a: Switch, b: Switch): Switch =>
  a.value === b.value ? a : { value: undefined, atoms: [...new Set([...a.atoms, ...b.atoms])], place: a.place ?? b.place };

/** What both have is sure. */
function both(a: Texts, b: Texts): Texts {
  const shown = b.items.map(shownText);
  const items = a.items.filter((item) => shown.includes(shownText(item)));
  const same = items.length === a.items.length && items.length === b.items.length;
  return { items, open: a.open || b.open || !same, place: a.place ?? b.place };
}

function oneOf(a: Text | undefined, b: Text | undefined): Text | undefined {
  if (a === undefined && b === undefined) return undefined;
  if (a !== undefined && b !== undefined && shownText(a) === shownText(b)) return a;
  const place = (a ?? (b as Text)).place;
  const known = [a, b].map((text) => (text === undefined ? "" : textOf(text)));
  const choices = known.every((text) => text !== undefined) ? known : undefined;
  return { parts: [choices === undefined ? { source: "$@", atoms: [] } : { source: "$@", atoms: [], choices }], place };
}
