import type { Digest } from "../../core/digest.ts";
import { assertNever } from "../../core/never.ts";
import { formatPlatform } from "../../core/platform.ts";
import { formatReference } from "../../core/reference.ts";
import { dockerArchive, ociArchive } from "../../image/archive.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { type NamedImage, writeLayout } from "../../image/layout.ts";
import type { BuildResult } from "../engine.ts";
import { exportLocal, exportTar, onePlatformOnly } from "./export-files.ts";
import { type DockerOutput, holdsImage, type ImageOutput, type OciOutput, type Output } from "./output.ts";
import type { ExportPorts } from "./ports.ts";
import { pushImage } from "./push-image.ts";
import { archivedRoot, blobsOf, rootOf } from "./result-images.ts";
import { step } from "./step.ts";

/** What an export can tell about itself afterwards. */
export interface ExportReport {
  readonly output: Output;
  /** The index, or the manifest (then with its platform) when one platform was built; absent for outputs of files only. */
  readonly descriptor?: Descriptor;
  /** Present when there is one image only, and no index. */
  readonly configDigest?: Digest;
  /** Full names, with a tag unless it is pushed by digest; empty when the output has none. */
  readonly names: readonly string[];
}

/**
 * Writes what an engine made to one output.
 * @param epoch  SOURCE_DATE_EPOCH in seconds: the files of `local` and `tar` all get this time, as in BuildKit
 * @throws {ProblemError} `registry-*` | `file-unwritable` | `disk-full` | `output-conflict` | `docker-unavailable` | `layer-*`
 */
export async function exportResult(result: BuildResult, output: Output, ports: ExportPorts, epoch?: number): Promise<ExportReport> {
  ports.signal?.throwIfAborted();
  switch (output.type) {
    case "image":
      await exportImage(result, output, ports);
      break;
    case "oci":
      await step(ports, "oci", `exporting to OCI image format: ${output.dest}`, () => exportOci(output, namedImage(result, output, ports, epoch), ports));
      break;
    case "docker":
      await step(ports, "docker", `exporting to Docker image format: ${output.dest ?? "Docker"}`, () =>
        exportDocker(result, output, namedImage(result, output, ports, epoch), ports),
      );
      break;
    case "local":
      await step(ports, "local", `exporting files to ${output.dest}`, () => exportLocal(result, output, ports, epoch));
      break;
    case "tar":
      await step(ports, "tar", `exporting files as an archive: ${output.dest}`, () => exportTar(result, output, ports, epoch));
      break;
    case "cacheonly":
      break;
    default:
      assertNever(output);
  }
  if (!holdsImage(output)) return { output, names: [] };
  const [only] = result.index === undefined ? result.images : [];
  return {
    output,
    descriptor: { ...rootOf(result).descriptor, ...(only === undefined ? {} : { platform: only.platform }) },
    ...(only === undefined ? {} : { configDigest: only.manifest.value.config.digest }),
    names: output.names.map(formatReference),
  };
}

async function exportImage(result: BuildResult, output: ImageOutput, ports: ExportPorts): Promise<void> {
  if (output.push) return await pushImage(result, output.names, ports);
  const { digest } = rootOf(result).descriptor;
  for (const name of output.names) {
    const { tag: _, ...repository } = name;
    for (const kept of output.nameCanonical ? [name, { ...repository, digest }] : [name]) await ports.names.record(kept, rootOf(result), blobsOf(result));
  }
}

async function exportOci(output: OciOutput, image: NamedImage, ports: ExportPorts): Promise<void> {
  if (output.tar) await ports.files.write(output.dest, abortable(ociArchive([image]), ports.signal));
  else await writeInto(ports, output.dest, image);
}

async function exportDocker(result: BuildResult, output: DockerOutput, image: NamedImage, ports: ExportPorts): Promise<void> {
  const platforms = result.images.map(({ platform }) => formatPlatform(platform));
  if (output.dest === undefined) {
    const several = result.index !== undefined;
    if (several && !(await ports.docker.takesIndexes(output.context, ports.signal)))
      throw onePlatformOnly(
        "Docker's classic image store",
        platforms,
        "switch Docker to the containerd image store, build one platform, or push to a registry",
      );
    return await ports.docker.load(abortable(several ? ociArchive([image]) : dockerArchive([image]), ports.signal), output.context, ports.signal);
  }
  if (result.index !== undefined) throw onePlatformOnly("a Docker archive", platforms, "use type=oci, or build one platform");
  if (output.tar) await ports.files.write(output.dest, abortable(dockerArchive([image]), ports.signal));
  else await writeInto(ports, output.dest, image);
}

/** A layout's image without a name gets the tag `latest`, as BuildKit's client gives it (client/solve.go at 73ed682). */
async function writeInto(ports: ExportPorts, dest: string, image: NamedImage): Promise<void> {
  const annotations = { ...image.root.annotations, "org.opencontainers.image.ref.name": "latest" };
  const named = image.names.length > 0 ? image : { ...image, root: { ...image.root, annotations } };
  await ports.files.layout(dest, (folder) => writeLayout(folder, [named], dest));
}

function namedImage(result: BuildResult, output: OciOutput | DockerOutput, ports: ExportPorts, epoch: number | undefined): NamedImage {
  return { root: archivedRoot(result, epoch, ports.clock.nowMs()), names: output.names.map(formatReference), blobs: blobsOf(result) };
}

async function* abortable(stream: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
