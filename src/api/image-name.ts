import { resolve } from "node:path";
import { diskFile, diskFolder } from "../adapters/node/disk-folder.ts";
import type { World } from "../adapters/node/world.ts";
import { ProblemError } from "../core/problem.ts";
import { formatReference, parseReference, withDefaultTag } from "../core/reference.ts";
import { openArchive } from "../image/archive.ts";
import { type BlobReader, readBytes } from "../image/blob-store.ts";
import type { Descriptor } from "../image/descriptor.ts";
import { type Layout, openLayout, pickImage } from "../image/layout.ts";
import type { Document, Manifest } from "../image/manifest.ts";
import { type ImageDocument, parseDocument, parseManifest } from "../image/parse.ts";
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
 * @throws {ProblemError} `reference-malformed` | `layout-invalid` | `file-unreadable` | `registry-*` | `manifest-invalid`
 */
export async function openImage(text: string, world: World, options: SessionOptions): Promise<OpenedImage> {
  const [, scheme, rest = text] = /^(oci|oci-archive|docker-archive):(.+)$/s.exec(text) ?? [];
  if (scheme === "oci") {
    const [folder, wanted] = await folderAndWish(rest, world);
    return await fromLayout(await openLayout(diskFolder(folder), folder), text, wanted);
  }
  if (scheme !== undefined) return await fromLayout(await openArchive(diskFile(resolve(world.cwd, rest)), rest), text, {});
  const path = resolve(world.cwd, text);
  const found = await diskFolder(path).stat("");
  if (found?.type === "directory" && (await diskFolder(path).stat("oci-layout")) !== undefined)
    return await fromLayout(await openLayout(diskFolder(path), text), text, {});
  if (found?.type === "file") return await fromLayout(await openArchive(diskFile(path), text), text, {});
  if (found !== undefined || /^\.{0,2}\//.test(text))
    throw new ProblemError("layout-invalid", {
      message: `"${text}" is ${found === undefined ? "not there" : "not an OCI layout"}`,
      hint: "name a folder with an OCI layout, an archive, or an image in a registry",
    });
  return await fromRegistry(text, openClient(world, options));
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

async function fromLayout(layout: Layout, name: string, wanted: { readonly tag?: string; readonly digest?: string }): Promise<OpenedImage> {
  const { digest, mediaType } = pickImage(layout, wanted, name);
  return {
    name,
    root: parseDocument(await readBytes(layout.blobs, digest), mediaType),
    blobs: layout.blobs,
    readManifest: async (entry) => parseManifest(await readBytes(layout.blobs, entry.digest), entry.mediaType),
    close: async () => {},
  };
}

async function fromRegistry(text: string, client: RegistryClient): Promise<OpenedImage> {
  try {
    const reference = withDefaultTag(parseReference(text));
    const { bytes, mediaType } = await client.manifest(reference);
    const { registry, repository } = reference;
    return {
      name: formatReference(reference),
      root: parseDocument(bytes, mediaType),
      blobs: client.blobs(reference),
      readManifest: async ({ digest }) => {
        const manifest = await client.manifest({ registry, repository, digest });
        return parseManifest(manifest.bytes, manifest.mediaType);
      },
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}
