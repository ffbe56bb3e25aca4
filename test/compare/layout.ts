import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** What this tool reads of an OCI descriptor, manifest and config. Declared here, not taken from src/, because this is the judge of src/. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}
export interface Manifest {
  readonly mediaType?: string;
  readonly config: Descriptor;
  /** Go prints an empty list of these as null. */
  readonly layers: readonly Descriptor[] | null;
  readonly annotations?: Readonly<Record<string, string>>;
}
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Config = { readonly [key: string]: Json };

/** One platform's image in a layout. */
export interface PlatformImage {
  /** `os/arch[/variant]`, from the config; the index's descriptor is in `descriptor`. */
  readonly platform: string;
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: Config;
  /** The bytes of both, as text. */
  readonly raw: { readonly manifest: string; readonly config: string };
  readonly openLayer: (layer: Descriptor) => Readable;
}

/** An OCI layout that was opened; `close` removes what was unpacked for it. */
export interface Layout {
  /** The index over platforms; undefined when the layout names one bare manifest. */
  readonly index?: { readonly mediaType: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly images: readonly PlatformImage[];
  /** `index.json`, `manifest.json` where there is one, and `index` where there is one, as text. */
  readonly raw: Readonly<Record<string, string>>;
  readonly close: () => void;
}

/** Opens a layout folder, or an archive of one (unpacked by the system's tar into a temporary folder). */
export function openLayout(path: string): Layout {
  if (statSync(path).isDirectory()) return readLayout(path, () => undefined);
  const folder = mkdtempSync(`${path}.unpacked-`);
  execFileSync("tar", ["-xf", path, "-C", folder]);
  return readLayout(folder, () => rmSync(folder, { recursive: true, force: true }));
}

function readLayout(folder: string, close: () => void): Layout {
  const blob = (digest: string): string => join(folder, "blobs", ...digest.split(":"));
  const text = (digest: string): string => readFileSync(blob(digest), "utf8");
  const isIndex = (of: Descriptor): boolean => /image\.index|manifest\.list/.test(of.mediaType);
  const raw: Record<string, string> = {};
  for (const name of ["index.json", "manifest.json"]) if (existsSync(join(folder, name))) raw[name] = readFileSync(join(folder, name), "utf8");
  const top = JSON.parse(raw["index.json"] ?? "") as { manifests: Descriptor[] };
  let index: Layout["index"];
  const images: PlatformImage[] = [];
  const visit = (descriptor: Descriptor): void => {
    if (isIndex(descriptor)) {
      raw.index = text(descriptor.digest);
      const found = JSON.parse(raw.index) as { mediaType: string; manifests: Descriptor[]; annotations?: Record<string, string> };
      index = found;
      found.manifests.forEach(visit);
      return;
    }
    const manifestText = text(descriptor.digest);
    const manifest = JSON.parse(manifestText) as Manifest;
    const configText = text(manifest.config.digest);
    const config = JSON.parse(configText) as Config;
    const platform = [config.os, config.architecture, config.variant].filter((part): part is string => typeof part === "string" && part !== "").join("/");
    images.push({
      platform,
      descriptor,
      manifest,
      config,
      raw: { manifest: manifestText, config: configText },
      openLayer: (layer) => createReadStream(blob(layer.digest)),
    });
  };
  top.manifests.forEach(visit);
  return { ...(index === undefined ? {} : { index }), images, raw, close };
}
