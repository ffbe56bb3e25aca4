import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Platform } from "../../../../core/platform.ts";
import { isProblem, ProblemError } from "../../../../core/problem.ts";
import { parseReference, type Reference } from "../../../../core/reference.ts";
import type { RegistryClient } from "../../../../registry/client/client.ts";
import { sweepDrafts } from "./drafts.ts";
import { type Emulator, firstOfEach } from "./emulator.ts";
import { fromFiles } from "./from-files.ts";
import { fromImage } from "./from-image.ts";
import { fromDeb, fromDistribution } from "./from-package.ts";

export interface ObtainPorts {
  /** `STORE/sandbox/emulators`; made where it is missing. */
  readonly folder: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** This machine's: what emulators have to be made for. */
  readonly machine: Platform;
  /** Only asked when an image has to be read. */
  readonly client: Pick<RegistryClient, "manifest" | "blobs">;
  readonly nowMs: () => number;
  /** Told before something is brought from elsewhere. */
  readonly note?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** What --emulator asks for. */
export type EmulatorSpec =
  | { readonly kind: "distribution" }
  | { readonly kind: "files"; readonly path: string }
  | { readonly kind: "deb"; readonly path: string }
  | { readonly kind: "image"; readonly reference: Reference };

/**
 * Brings the emulators that --emulator asks for into the store: a folder, a file, a `.deb`, `debian` (the distribution's package), or a digest-pinned image. What is
 * there already is not brought again.
 * @returns those of the specs, the first spec's before the second's; at most one an architecture
 * @throws {ProblemError} `usage` | `emulator-missing` | `file-unreadable` | `layer-invalid` | `digest-mismatch` | `limit-exceeded` | `disk-full` | what the client throws
 */
export async function obtainEmulators(specs: readonly string[], ports: ObtainPorts): Promise<readonly Emulator[]> {
  const { folder, cwd, env, machine, client, note = () => {}, signal } = ports;
  // A word that means nothing is told before anything is fetched.
  const parsed = specs.map((spec) => parseEmulatorSpec(spec, cwd));
  if (parsed.length === 0) return [];
  const nowMs = ports.nowMs();
  sweepDrafts(folder, nowMs);
  const where = { folder, machine: machine.architecture, nowMs };
  const found: Emulator[] = [];
  for (const spec of parsed) {
    switch (spec.kind) {
      case "distribution":
        found.push(...(await fromDistribution(where, env, note, signal)));
        break;
      case "deb":
        found.push(...(await fromDeb(spec.path, where)));
        break;
      case "files":
        found.push(...fromFiles(spec.path, where));
        break;
      case "image":
        found.push(...(await fromImage(spec.reference, { client, machine, note, folder, nowMs, ...(signal === undefined ? {} : { signal }) })));
    }
  }
  return firstOfEach(found);
}

const IMAGE = "image:";

/**
 * Reads a value of --emulator: `debian`, `image:REF@DIGEST`, a path of a folder or file that exists, or a reference with a digest.
 * @throws {ProblemError} `usage` | `reference-malformed`
 */
export function parseEmulatorSpec(text: string, cwd: string): EmulatorSpec {
  if (text === "debian") return { kind: "distribution" };
  if (text.startsWith(IMAGE)) return { kind: "image", reference: pinned(text.slice(IMAGE.length), text) };
  const path = resolve(cwd, text);
  const status = text === "" ? undefined : statSync(path, { throwIfNoEntry: false });
  if (status?.isFile() === true && text.endsWith(".deb")) return { kind: "deb", path };
  if (status?.isFile() === true || status?.isDirectory() === true) return { kind: "files", path };
  return { kind: "image", reference: pinned(text, text) };
}

function pinned(text: string, whole: string): Reference {
  const hint = "wanted a folder or file that exists, a .deb, debian, or an image with its digest: IMAGE@sha256:…, as `multihull inspect IMAGE` tells it";
  let reference: Reference;
  try {
    reference = parseReference(text);
  } catch (error) {
    if (!isProblem(error)) throw error;
    throw new ProblemError("usage", { message: `--emulator "${whole}" is neither a file that exists nor an image`, hint, cause: error });
  }
  if (reference.digest !== undefined) return reference;
  throw new ProblemError("usage", {
    message: `--emulator "${whole}" is no file that exists, and as an image it has no digest: what a tag means may change`,
    hint,
  });
}
