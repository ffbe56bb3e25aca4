import { type Digest, isDigest } from "../../core/digest.ts";
import { ProblemError } from "../../core/problem.ts";
import { collect } from "../../image/blob-store.ts";
import type { Descriptor } from "../../image/descriptor.ts";
import { isObject } from "../../image/json.ts";
import { parseDescriptor } from "../../image/parse.ts";
import { buildkitArguments, type PushTarget, pushOutput } from "./arguments.ts";
import type { BuildkitBuilder, BuildkitRequest } from "./request.ts";
import { type RunPorts, runBuildx } from "./run-buildx.ts";

/** A file of its own for what a program is to write down. */
export interface TemporaryFile {
  readonly path: string;
  /** Its text; undefined when nothing was written. @throws {ProblemError} `file-unreadable` | `limit-exceeded` */
  read(): Promise<string | undefined>;
  /** Never throws. */
  remove(): Promise<void>;
}

export interface PushPorts extends RunPorts {
  /** @throws {ProblemError} `file-unwritable` | `disk-full` */
  readonly temporaryFile: () => Promise<TemporaryFile>;
}

/** What a builder pushed. */
export interface BuilderPushed {
  readonly digest: Digest;
  /** Of the manifest or index; absent where Buildx (before 0.8) or BuildKit does not tell it. */
  readonly descriptor?: Descriptor;
}

/**
 * Builds with one `docker buildx build` and lets the builder push what it made: nothing of it comes here.
 * @throws {ProblemError} as {@link runBuildx} | `buildkit-failed` when nobody told the digest
 */
export async function pushWithBuildkit(request: BuildkitRequest, builder: BuildkitBuilder, target: PushTarget, ports: PushPorts): Promise<BuilderPushed> {
  const metadata = await ports.temporaryFile();
  try {
    const args = ["--metadata-file", metadata.path, ...buildkitArguments(request, builder, pushOutput(request, target))];
    await runBuildx(args, request, builder, ports, collect);
    return pushedOf((await metadata.read()) ?? "", builder);
  } finally {
    await metadata.remove();
  }
}

function pushedOf(text: string, builder: BuildkitBuilder): BuilderPushed {
  const told = objectIn(text);
  const digest = told["containerimage.digest"];
  if (typeof digest !== "string" || !isDigest(digest)) {
    throw new ProblemError("buildkit-failed", {
      message: `${builder.shown} ended well and did not tell the digest of what it pushed`,
      hint: "leave the push to multihull: build without asking the builder to push",
    });
  }
  const descriptor = told["containerimage.descriptor"];
  return { digest, ...(isObject(descriptor) ? { descriptor: parseDescriptor(descriptor, "what Buildx tells of the pushed image") } : {}) };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
