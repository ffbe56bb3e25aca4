import { ProblemError } from "../../core/problem.ts";
import type { ByteStream } from "../../image/blob-store.ts";
import type { LayerEntry } from "../../image/entry.ts";
import { TAR_END, tarHeader, tarPad } from "../../image/tar/writer.ts";
import type { BuildResult } from "../engine.ts";
import type { LocalOutput, TarOutput } from "./output.ts";
import { type PlacedImage, placeImages } from "./platform-folders.ts";
import type { ExportPorts } from "./ports.ts";
import { pushedStream } from "./pushed-stream.ts";

/** `type=tar`: folders and links first, then files in the order of the layers, then hard links; the same input gives the same bytes. */
export async function exportTar(result: BuildResult, output: TarOutput, ports: ExportPorts, epoch: number | undefined): Promise<void> {
  const images = await placeImages(result, output.platformSplit, epoch, ports.records);
  await ports.files.write(output.dest, tarOf(images, ports.signal));
}

function tarOf(images: readonly PlacedImage[], signal: AbortSignal | undefined): ByteStream {
  return pushedStream(async (write) => {
    const folders = new Set<string>();
    for (const { files, folder, place } of images) {
      const entry = async (e: LayerEntry): Promise<void> => {
        if (e.type === "directory" && folders.has(e.path)) return;
        if (e.type === "directory") folders.add(e.path);
        await write(tarHeader(e));
      };
      if (folder !== undefined) await entry(folder);
      for (const plain of files.plain) await entry(place(plain));
      await files.readContents((file) => {
        signal?.throwIfAborted();
        // The header goes with the first bytes, so that a sink that is made and never written to leaves no trace.
        let header: Uint8Array | undefined = tarHeader(place(file));
        return {
          write(chunk) {
            if (header === undefined) return write(chunk);
            const first = Buffer.concat([header, chunk]);
            header = undefined;
            return write(first);
          },
          end: () => write(tarPad(file.size)),
        };
      });
      for (const link of files.hardlinks) await entry(place(link));
    }
    await write(TAR_END);
  });
}

/** `type=local`. Devices and fifos cannot be made from here and are left out with a warning. */
export async function exportLocal(result: BuildResult, output: LocalOutput, ports: ExportPorts, epoch: number | undefined): Promise<void> {
  const images = await placeImages(result, output.platformSplit, epoch, ports.records);
  const writer = await ports.files.folder(output.dest);
  const leftOut: string[] = [];
  for (const { files, folder, place } of images) {
    if (folder !== undefined) writer.put(folder);
    for (const plain of files.plain) {
      if (plain.type === "char" || plain.type === "block" || plain.type === "fifo") leftOut.push(place(plain).path);
      else if (plain.type === "file") writer.file(place(plain)).end();
      else writer.put(place(plain));
    }
    const open = new Set<{ abort(): void }>();
    try {
      await files.readContents((file) => {
        ports.signal?.throwIfAborted();
        const target = writer.file(place(file));
        open.add(target);
        return {
          write(chunk) {
            target.write(chunk);
            return undefined;
          },
          end() {
            target.end();
            open.delete(target);
            return undefined;
          },
        };
      });
    } finally {
      for (const target of open) target.abort();
    }
    const special = new Set(leftOut);
    for (const link of files.hardlinks) {
      const placed = place(link);
      if (special.has(placed.link ?? "")) leftOut.push(placed.path);
      else writer.put(placed);
    }
  }
  writer.close();
  const [first, ...rest] = leftOut;
  if (first !== undefined)
    ports.events.emit({
      type: "warning",
      message: `left out of "${output.dest}": the special file "${first}"${rest.length === 0 ? "" : ` and ${rest.length} more`}`,
      atMs: ports.clock.nowMs(),
    });
}

/** Problem of an output that cannot hold several platforms. */
export function onePlatformOnly(what: string, platforms: readonly string[], hint: string): ProblemError {
  return new ProblemError("output-conflict", {
    message: `${what} holds one platform, and the build has ${platforms.join(", ")}`,
    hint,
    facts: { platforms: platforms.join(",") },
  });
}
