import { resolve } from "node:path";
import { diskFile, diskFolder } from "../adapters/node/disk-folder.ts";
import type { World } from "../adapters/node/world.ts";
import { ProblemError } from "../core/problem.ts";
import { formatReference, parseReference, type Reference, withDefaultTag } from "../core/reference.ts";
import { openArchive } from "../image/archive.ts";
import type { BlobReader } from "../image/blob-store.ts";
import { type Layout, openLayout, pickImage } from "../image/layout.ts";
import type { RegistryClient } from "../registry/client/client.ts";
import type { ImageSource } from "../verify/read/image-source.ts";

/** An image wherever it is, not yet read. */
export interface OpenedSource extends ImageSource {
  /** Its name in a registry; undefined for one in a folder or file. */
  readonly reference: Reference | undefined;
}

/**
 * Opens an image by any of its names: `REGISTRY/REPO[:TAG][@DIGEST]`, `oci:DIR[:TAG]`, `oci-archive:FILE`, `docker-archive:FILE`,
 * or the path of a folder or file that holds one.
 * @param client  speaks to registries for as long as the source is read; asked nothing for what lies on a disk
 * @throws {ProblemError} `usage` | `reference-malformed` | `layout-invalid` | `file-unreadable` | `registry-*`
 */
export async function openSource(text: string, world: World, client: RegistryClient, signal?: AbortSignal): Promise<OpenedSource> {
  const [, scheme, rest = text] = /^(oci|oci-archive|docker-archive):(.*)$/s.exec(text) ?? [];
  if (rest === "") throw new ProblemError("usage", { message: "the name of the image is empty", hint: "name a file, a folder, or an image in a registry" });
  if (scheme === "oci") {
    const [folder, wanted] = await folderAndWish(rest, world);
    return fromLayout(await openLayout(diskFolder(folder), folder), text, wanted, signal);
  }
  if (scheme !== undefined) return fromLayout(await openArchive(diskFile(resolve(world.cwd, rest)), rest), text, {}, signal);
  const path = resolve(world.cwd, text);
  const found = await diskFolder(path).stat("");
  if (found?.type === "directory" && (await diskFolder(path).stat("oci-layout")) !== undefined)
    return fromLayout(await openLayout(diskFolder(path), text), text, {}, signal);
  if (found?.type === "file") return fromLayout(await openArchive(diskFile(path), text), text, {}, signal);
  if (found !== undefined || /^\.{0,2}\//.test(text))
    throw new ProblemError(found === undefined ? "file-unreadable" : "layout-invalid", {
      message: `"${text}" is ${found === undefined ? "not there" : "not an OCI layout"}`,
      hint: "name a folder with an OCI layout, an archive, or an image in a registry",
    });
  return await fromRegistry(text, client, signal);
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

function fromLayout(layout: Layout, name: string, wanted: { readonly tag?: string; readonly digest?: string }, signal: AbortSignal | undefined): OpenedSource {
  const blobs = signal === undefined ? layout.blobs : stoppable(layout.blobs, signal);
  return { name, root: { descriptor: pickImage(layout, wanted, name) }, blobs, reference: undefined };
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

async function fromRegistry(text: string, client: RegistryClient, signal: AbortSignal | undefined): Promise<OpenedSource> {
  const options = signal === undefined ? {} : { signal };
  const reference = withDefaultTag(parseReference(text));
  const { registry, repository } = reference;
  return {
    name: formatReference(reference),
    root: await client.manifest(reference, options),
    blobs: client.blobs(reference, options),
    readDocument: async ({ digest }) => (await client.manifest({ registry, repository, digest }, options)).bytes,
    reference,
  };
}
