import { formatPlatform, type Platform } from "../../../../core/platform.ts";
import { formatReference, type Reference } from "../../../../core/reference.ts";
import { imageResolver } from "../../../../engine/images/image-resolver.ts";
import type { RegistryClient } from "../../../../registry/client/client.ts";
import { type KeptEmulator, keptEmulators } from "./kept.ts";
import { keepSound, type Taken, type Taking, takeFromArchive } from "./take.ts";

export interface ImagePorts extends Pick<Taking, "folder" | "nowMs"> {
  readonly client: Pick<RegistryClient, "manifest" | "blobs">;
  readonly machine: Platform;
  readonly note: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Keeps the emulators of an image: what its upper layers have hides what is below. Every layer is checked against its digest before anything of it is kept.
 * @param reference  with a digest
 * @throws {ProblemError} `emulator-missing` | `platform-missing` | `layer-invalid` | `limit-exceeded` | `size-mismatch` | `digest-mismatch` | `disk-full` | what the client throws
 */
export async function fromImage(reference: Reference, { client, machine, note, signal, folder, nowMs }: ImagePorts): Promise<readonly KeptEmulator[]> {
  const name = formatReference(reference);
  const origin = `image ${name}`;
  const there = keptEmulators(folder).filter((one) => one.origin === origin);
  if (there.length > 0) return there;
  note(`fetching ${name} for its emulators`);
  const transfer = signal === undefined ? {} : { signal };
  const { manifest } = await imageResolver({ client, openLayout: noLayouts, ...transfer }).resolve({ kind: "registry", reference: name }, machine);
  const layers = [...manifest.value.layers].reverse();
  const blobs = client.blobs(reference, { ...transfer, sizes: new Map(layers.map(({ digest, size }) => [digest, size])) });
  const complaints: string[] = [];
  const taken: Taken[] = [];
  try {
    for (const { digest } of layers) {
      const found = await takeFromArchive(blobs.open(digest), folder, (file, why) => complaints.push(`"${file}" ${why}`));
      taken.push(...found);
    }
  } catch (error) {
    for (const { draft } of taken) draft.discard();
    throw error;
  }
  return keepSound(taken, { folder, machine: machine.architecture, source: `the image ${name} (${formatPlatform(machine)})`, origin, nowMs }, complaints);
}

// Only registries are asked here.
const noLayouts = (): never => {
  throw new Error("emulators are taken from registries");
};
