import { resolve } from "node:path";
import { diskFile, diskFolder } from "../adapters/node/disk-folder.ts";
import type { World } from "../adapters/node/world.ts";
import { ProblemError } from "../core/problem.ts";
import { formatReference, parseReference, withDefaultTag } from "../core/reference.ts";
import { openArchive } from "../image/archive.ts";
import type { BlobReader } from "../image/blob-store.ts";
import type { Descriptor } from "../image/descriptor.ts";
import { type Layout, openLayout, pickImage } from "../image/layout.ts";
import type { Document, Manifest } from "../image/manifest.ts";
import { type ImageDocument, parseDocument, parseManifest } from "../image/parse.ts";
import { readDocument, readSmall } from "../image/walk.ts";
import type { RegistryClient } from "../registry/client/client.ts";
import { openClient, type SessionOptions } from "./session.ts";

/** An image wherever it is: its index or manifest, and its blobs. */
export interface OpenedImage {
  /** As people know it, in full. */
  readonly name: string;
  readonly root: ImageDocument;
  readonly blobs: BlobReader;
  /** A manifest that the index names. */
  readManifest(entry: Descriptor): Promise<Document<Manifest>>;
  close(): Promise<void>;
}

/**
 * Opens an image by any of its names: `REGISTRY/REPO[:TAG][@DIGEST]`, `oci:DIR[:TAG]`, `oci-archive:FILE`, `docker-archive:FILE`,
 * or the path of a folder or file that holds one.
 * @throws {ProblemError} `usage` | `reference-malformed` | `layout-invalid` | `file-unreadable` | `registry-*` | `manifest-invalid`
 */
export async function openImage(text: string, world: World, options: SessionOptions): Promise<OpenedImage> {
  if (text === "") throw new ProblemError("usage", { message: "the name of the image is empty", hint: "name a file, a folder, or an image in a registry" });
  const { signal } = options;
  const [, scheme, rest = text] = /^(oci|oci-archive|docker-archive):(.+)$/s.exec(text) ?? [];
  if (scheme === "oci") {
    const [folder, wanted] = await folderAndWish(rest, world);
    return await fromLayout(await openLayout(diskFolder(folder), folder), text, wanted, signal);
  }
  if (scheme !== undefined) return await fromLayout(await openArchive(diskFile(resolve(world.cwd, rest)), rest), text, {}, signal);
  const path = resolve(world.cwd, text);
  const found = await diskFolder(path).stat("");
  if (found?.type === "directory" && (await diskFolder(path).stat("oci-layout")) !== undefined)
    return await fromLayout(await openLayout(diskFolder(path), text), text, {}, signal);
  if (found?.type === "file") return await fromLayout(await openArchive(diskFile(path), text), text, {}, signal);
  if (found !== undefined || /^\.{0,2}\//.test(text))
    throw new ProblemError(found === undefined ? "file-unreadable" : "layout-invalid", {
      message: `"${text}" is ${found === undefined ? "not there" : "not an OCI layout"}`,
      hint: "name a folder with an OCI layout, an archive, or an image in a registry",
    });
  return await fromRegistry(text, openClient(world, options), signal);
}

/** `DIR`, `DIR:TAG` or `DIR@DIGEST`; a colon that belongs to an existing folder's name stays in it. */
async function folderAndWish(text: string, world: World): Promise<[folder: string, wanted: { tag?: string; digest?: string }]> {
  const whole = resolve(world.cwd, text);
  if ((await diskFolder(whole).stat("")) !== undefined) return [whole, {}];
  const at = text.indexOf("@");
  if (at > 0) return [resolve(world.cwd, text.slice(0, at)), { digest: text.slice(at + 1) }];
  const colon = text.lastIndexOf(":");
  return colon > 0 ? [resolve(world.cwd, text.slice(0, colon)), { tag: text.slice(colon + 1) }] : [whole, {}];
}

async function fromLayout(
  layout: Layout,
  name: string,
  wanted: { readonly tag?: string; readonly digest?: string },
  signal: AbortSignal | undefined,
): Promise<OpenedImage> {
  const root = pickImage(layout, wanted, name);
  const blobs = signal === undefined ? layout.blobs : stoppable(layout.blobs, signal);
  return {
    name,
    root: await readDocument(blobs, root),
    blobs,
    readManifest: async (entry) => parseManifest(await readSmall(blobs, entry), entry.mediaType),
    close: async () => {},
  };
}

/** A registry's blobs stop by themselves; these are read from a disk. */
function stoppable(blobs: BlobReader, signal: AbortSignal): BlobReader {
  return {
    stat: (digest) => blobs.stat(digest),
    async *open(digest, range) {
      for await (const chunk of blobs.open(digest, range)) {
        signal.throwIfAborted();
        yield chunk;
      }
    },
  };
}

async function fromRegistry(text: string, client: RegistryClient, signal: AbortSignal | undefined): Promise<OpenedImage> {
  const options = signal === undefined ? {} : { signal };
  try {
    const reference = withDefaultTag(parseReference(text));
    const { bytes, mediaType } = await client.manifest(reference, options);
    const { registry, repository } = reference;
    return {
      name: formatReference(reference),
      root: parseDocument(bytes, mediaType),
      blobs: client.blobs(reference, options),
      readManifest: async ({ digest }) => {
        const manifest = await client.manifest({ registry, repository, digest }, options);
        return parseManifest(manifest.bytes, manifest.mediaType);
      },
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}
