import { formatPlatform, type Platform, platformOf } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import { formatReference, parseReference, withDefaultTag } from "../../core/reference.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import type { ImageConfig } from "../../image/config.ts";
import type { Layout } from "../../image/layout.ts";
import type { ImageResolver, ImageSource, ResolvedImage } from "../../plan/ports.ts";
import type { RegistryClient } from "../../registry/client/client.ts";
import { pickPlatform } from "./pick-platform.ts";
import { layoutShelf, registryShelf, type Shelf } from "./shelf.ts";

export interface ImageResolverParts {
  readonly client: Pick<RegistryClient, "manifest" | "blobs">;
  /** Opens the OCI layout in a folder. @throws {ProblemError} `layout-invalid` */
  readonly openLayout: (folder: string) => Promise<Layout>;
  /** Manifests and configs of registries are kept here, by digest; what a tag means is asked each time. */
  readonly store?: BlobStore;
  readonly signal?: AbortSignal;
}

/**
 * Finds images in registries and OCI layouts. Remembers what it read for as long as it lives, so that a tag means one thing in one run, and
 * what is asked for twice at once is read once. Failures are not remembered.
 */
export function imageResolver(parts: ImageResolverParts): ImageResolver {
  const memory = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const known = memory.get(key);
    if (known !== undefined) return known as Promise<T>;
    const reading = read();
    memory.set(key, reading);
    reading.catch(() => memory.delete(key));
    return reading;
  };

  const openShelf = (source: ImageSource): { readonly key: string; readonly open: () => Promise<Shelf> } => {
    if (source.kind === "layout") {
      const { folder, tag, digest } = source;
      return { key: JSON.stringify(["layout", folder, tag, digest]), open: async () => layoutShelf(await parts.openLayout(folder), source) };
    }
    const reference = withDefaultTag(parseReference(source.reference));
    return {
      key: JSON.stringify(["registry", formatReference(reference)]),
      open: async () => registryShelf(parts.client, reference, parts.store, parts.signal),
    };
  };

  return {
    async resolve(source, platform) {
      const { key, open } = openShelf(source);
      const shelf = await once(key, open);
      const remembering: Shelf = {
        ...shelf,
        root: () => once(`${key} root`, () => shelf.root()),
        document: (descriptor) => once(`${key} ${descriptor.digest}`, () => shelf.document(descriptor)),
      };
      const configOf = (descriptor: Parameters<Shelf["document"]>[0]): Promise<ImageConfig> =>
        once(`${key} config ${descriptor.digest}`, () => shelf.config(descriptor));
      return resolveOn(remembering, platform, configOf);
    },
  };
}

async function resolveOn(
  shelf: Shelf,
  platform: Platform,
  configOf: (descriptor: Parameters<Shelf["document"]>[0]) => Promise<ImageConfig>,
): Promise<ResolvedImage> {
  const root = await shelf.root();
  const name = shelf.nameOf(root.descriptor.digest);
  if (root.kind === "manifest") return { reference: name, manifest: root, config: await configOf(root.value.config) };
  const { manifest, offered } = await pickPlatform(root, platform, { document: (descriptor) => shelf.document(descriptor), config: configOf }, name);
  const config = await configOf(manifest.value.config);
  const reference = shelf.nameOf(manifest.descriptor.digest);
  refuseConflict(reference, offered, config);
  return { reference, manifest, config, index: root };
}

/** Variants are left out of it: publishers often tell them in the index only. */
function refuseConflict(reference: string, offered: Platform, { os, architecture, variant }: ImageConfig): void {
  if (!os || !architecture) return;
  const said = platformOf({ os, architecture, variant });
  if (said.os === offered.os && said.architecture === offered.architecture) return;
  throw new ProblemError("platform-conflict", {
    message: `the index says that "${reference}" is for ${formatPlatform(offered)}, its config says ${formatPlatform(said)}`,
    hint: "its publisher mixed them up: name another tag or an older digest, and tell them",
    facts: { reference, index: formatPlatform(offered), config: formatPlatform(said) },
  });
}
