import type { Readable } from "node:stream";
import { flatten, type Node, type Tree } from "./flatten.ts";
import type { Json, Layout, PlatformImage } from "./layout.ts";

/** One platform's image in words: two engines agree when these are equal, line by line. */
export interface ImageListing {
  /** path → what is there, as `field=value` words. */
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Dotted key → value as JSON. */
  readonly config: Readonly<Record<string, string>>;
  readonly oddities: readonly string[];
}

/** A whole result: `platform` → listing, and what the index and manifests say of themselves. */
export interface ResultListing {
  readonly shape: Readonly<Record<string, string>>;
  readonly images: Readonly<Record<string, ImageListing>>;
}

/**
 * Everything later counts as "made during the build", whose very time no two runs share. Files of contexts and bases are declared to be far older.
 */
export const BUILD_TIME_FROM = Date.UTC(2026, 5, 1) / 1000;

/** @param exact  also keep times of the build itself, because an epoch was set */
export async function listLayout(layout: Layout, exact: boolean): Promise<ResultListing> {
  const images: Record<string, ImageListing> = {};
  const shape: Record<string, string> = { index: layout.index?.mediaType ?? "none" };
  for (const [name, text] of Object.entries(layout.raw)) shape[`raw ${name}`] = masked(text, exact);
  for (const image of layout.images) {
    const key = image.platform;
    const of = image.descriptor.platform;
    shape[`${key} platform`] = of === undefined ? "none" : [of.os, of.architecture, of.variant].filter(Boolean).join("/");
    shape[`${key} manifest`] = image.manifest.mediaType ?? "none";
    shape[`${key} config`] = image.manifest.config.mediaType;
    shape[`${key} layers`] = (image.manifest.layers ?? []).map((layer) => layer.mediaType).join(" ");
    shape[`${key} raw manifest`] = masked(image.raw.manifest, exact);
    shape[`${key} raw config`] = masked(image.raw.config, exact);
    images[key] = await listImage(image, exact);
  }
  return { shape, images };
}

/** The files of an archive, or of a folder, that is no image. */
export async function listFiles(open: () => Readable, exact: boolean): Promise<ResultListing> {
  const { tree, oddities } = await flatten([{ mediaType: "tar", open }]);
  return { shape: {}, images: { files: { files: listTree(tree, exact), config: {}, oddities } } };
}

/** A document, byte for byte but for digests, sizes and times of the build. */
function masked(text: string, exact: boolean): string {
  return text
    .replace(/(sha256[:/])[0-9a-f]{64}/g, "$1…")
    .replace(/("size": ?)[0-9]+/g, "$1…")
    .replace(
      /("(?:[a-z.]*\.)?created": ?")([^"]*)/g,
      (_, key: string, time: string) => key + (exact || Date.parse(time) / 1000 < BUILD_TIME_FROM ? time : "build"),
    );
}

async function listImage(image: PlatformImage, exact: boolean): Promise<ImageListing> {
  const layers = (image.manifest.layers ?? []).map((layer) => ({ mediaType: layer.mediaType, open: () => image.openLayer(layer) }));
  const { tree, oddities } = await flatten(layers);
  return { files: listTree(tree, exact), config: listConfig(image.config, exact), oddities };
}

function listTree(tree: Tree, exact: boolean): ImageListing["files"] {
  const first = new Map<Node, string>();
  const out: Record<string, Record<string, string>> = {};
  for (const path of [...tree.keys()].sort()) {
    const node = tree.get(path)!;
    const twin = node.type === "file" ? first.get(node) : undefined;
    if (twin === undefined) first.set(node, path);
    out[`/${path}`] = {
      type: node.implied ? "implied folder" : node.type,
      mode: node.mode.toString(8).padStart(4, "0"),
      owner: `${node.uid}:${node.gid}`,
      mtime: node.mtime >= BUILD_TIME_FROM && !exact ? "build" : String(node.mtime),
      ...(node.type === "file" ? { content: `${node.size} bytes ${node.sha256!.slice(0, 12)}` } : {}),
      ...(node.target === undefined ? {} : { target: node.target }),
      ...(node.device === undefined ? {} : { device: node.device }),
      ...Object.fromEntries(Object.entries(node.xattrs).map(([key, value]) => [`xattr ${key}`, value])),
      ...(twin === undefined ? {} : { "same as": `/${twin}` }),
    };
  }
  return out;
}

/** The config as dotted keys. What differs by nature (digests of layers, times of the build) is left out or blurred. */
function listConfig(config: { readonly [key: string]: Json }, exact: boolean): Record<string, string> {
  const out: Record<string, string> = {};
  const walk = (value: Json, path: string): void => {
    // Go prints what is not there as null, in some places.
    if (value === null) return;
    if (typeof value !== "object" || Array.isArray(value) || Object.keys(value).length === 0) {
      if (/(^|\.)created$/.test(path) && typeof value === "string") out[path] = blurTime(value, exact);
      else out[path] = JSON.stringify(value);
      return;
    }
    for (const [key, inner] of Object.entries(value)) walk(inner, path === "" ? key : `${path}.${key}`);
  };
  const { rootfs, history, ...rest } = config;
  walk(rest, "");
  out["rootfs.layers"] = String((rootfs as { diff_ids?: readonly Json[] } | undefined)?.diff_ids?.length ?? 0);
  for (const [number, entry] of ((history ?? []) as readonly Json[]).entries()) walk(entry, `history[${String(number).padStart(2, "0")}]`);
  return out;
}

function blurTime(text: string, exact: boolean): string {
  const seconds = Date.parse(text) / 1000;
  return exact || seconds < BUILD_TIME_FROM ? text.replace(/\.0+Z$/, "Z") : "build";
}
