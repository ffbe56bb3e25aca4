import type { Place } from "../core/span.ts";
import { judged } from "./alternatives.ts";
import { attributesOf } from "./attributes.ts";
import { goBoolean } from "./go-boolean.ts";
import type { Build } from "./operation.ts";
import { type Text, textOf } from "./text.ts";

/** Where a build's result goes: one entry of `--output`, or what `--push` and `--load` add to them. */
export interface Exporter {
  /** Undefined: unknown. */
  readonly type: string | undefined;
  /** Writes a file (or a folder) rather than into a store. */
  readonly toFile: boolean | undefined;
  /** It has a name of its own, beside the build's tags. */
  readonly named: boolean | undefined;
  readonly push: boolean | undefined;
  readonly pushByDigest: boolean | undefined;
  /** The Docker context that it loads into, when it names one; an empty text otherwise. */
  readonly context: string | undefined;
  /** False when nobody knows whether it is there at all. */
  readonly certain: boolean;
  readonly atoms: readonly string[];
  readonly from: "output" | "push" | "load";
  readonly place: Place;
}

/** What Buildx makes of `--output`, `--push` and `--load`; empty for a build without any (the builder's default counts then). */
export function exportersOf(build: Build): readonly Exporter[] {
  const exporters = build.outputs.items.flatMap((text) => outputOf(text));
  return withLoad(withPush(exporters, build), build);
}

function outputOf(text: Text): readonly Exporter[] {
  if (textOf(text) === "") return [];
  const { fields, bare, open } = attributesOf(text);
  const atoms = text.parts.flatMap((part) => (typeof part === "string" ? [] : part.atoms));
  const common = { certain: !open, atoms, from: "output", place: text.place } as const;
  const flag = (name: string): boolean | undefined => (fields.has(name) ? goBoolean(fields.get(name) ?? "") : open ? undefined : false);
  if (!fields.has("type") && !open) {
    const type = bare === "-" ? "tar" : "local";
    return [{ ...common, type, toFile: true, named: false, push: false, pushByDigest: false, context: "" }];
  }
  const type = fields.get("type");
  const exporter: Exporter = {
    ...common,
    // What the older name stands for.
    type: type === "registry" ? "image" : type,
    toFile: fields.has("dest")
      ? type === "docker" || type === "oci"
        ? true
        : undefined
      : type === "local" || type === "tar"
        ? true
        : open
          ? undefined
          : false,
    named: fields.has("name") ? true : open ? undefined : false,
    push: type === "registry" ? true : flag("push"),
    pushByDigest: flag("push-by-digest"),
    context: fields.has("context") ? fields.get("context") : open ? undefined : "",
  };
  return [exporter];
}

/** Bake leaves a target alone that says where else its result goes (bake/bake.go, read 2026-08-23). */
const isBake = ({ through }: Build): boolean => through === "docker/bake-action" || through === "docker buildx bake";
/** Outputs beside which bake still loads. */
const LOADED_BESIDE = new Set<string | undefined>(["docker", "image", "oci", undefined]);

function withPush(exporters: readonly Exporter[], build: Build): readonly Exporter[] {
  const { push, place } = build;
  if (push.value === false) return exporters;
  const certain = push.value === true && exporters.every(({ type }) => type !== undefined);
  if (exporters.some(({ type }) => type === "image"))
    return exporters.map((one) => (one.type === "image" ? { ...one, push: push.value === true || one.push === true ? true : undefined } : one));
  if (isBake(build) && exporters.some(({ type, certain: isThere }) => isThere && type !== undefined && type !== "docker")) return exporters;
  const added = { type: "image", toFile: false, named: false, push: true, pushByDigest: false, context: "" } as const;
  return [...exporters, { ...added, certain, atoms: push.atoms, from: "push", place: push.place ?? place }];
}

function withLoad(exporters: readonly Exporter[], build: Build): readonly Exporter[] {
  const { load, place } = build;
  if (load.value === false || exporters.some(({ type, toFile }) => type === "docker" && toFile === false)) return exporters;
  if (isBake(build) && exporters.some(({ type, certain }) => certain && !LOADED_BESIDE.has(type))) return exporters;
  const added = { type: "docker", toFile: false, named: false, push: false, pushByDigest: false, context: "" } as const;
  return [
    ...exporters,
    {
      ...added,
      certain: load.value === true && exporters.every(({ type }) => type !== undefined),
      atoms: load.atoms,
      from: "load",
      place: load.place ?? place,
    },
  ];
}

/** Whether a build has at least one tag; undefined when nobody knows. */
export function hasTag({ tags }: Build): boolean | undefined {
  const known = tags.items.map((tag) => judged(tag, (one) => one !== ""));
  if (known.includes(true) || tags.items.some((tag) => tag.parts.some((part) => typeof part === "string" && part !== ""))) return true;
  return known.every((one) => one === false) && !tags.open ? false : undefined;
}
