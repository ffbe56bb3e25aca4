import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { nodeWorld } from "../../src/adapters/node/world.ts";
import { build } from "../../src/api/build.ts";
import type { BuildOutcome, BuildRequest } from "../../src/api/request.ts";
import { digestOf } from "../../src/core/digest.ts";
import { isProblem, type ProblemError } from "../../src/core/problem.ts";
import { type Answer, hostileServer } from "../harness/hostile-server.ts";

export const TYPE = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;

export interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** What an evil publisher may say of an image that he made. */
export interface EvilImage {
  readonly os?: string;
  readonly architecture?: string;
  /** Uncompressed archives, lowest first. */
  readonly layers?: readonly Uint8Array[];
  /** Blobs as they are served, in the layers' place. */
  readonly packed?: readonly Uint8Array[];
  readonly diffIds?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
  /** Changes the manifest before it is written. */
  readonly manifest?: (manifest: { config: Described; layers: Described[] }) => object;
}

export interface EvilRegistry {
  /** `127.0.0.1:PORT/base:latest`. */
  readonly name: string;
  readonly host: string;
  /** `METHOD PATH` of each request. */
  readonly seen: string[];
  blob(bytes: Uint8Array | string, mediaType?: string): Described;
  document(value: unknown, mediaType?: string): Described;
  image(image?: EvilImage): Described;
  /** What `latest` means. */
  tag(descriptor: Described, tag?: string): void;
  /** Answers in the registry's place; undefined leaves it to the registry. */
  instead: ((...asked: Parameters<Answer>) => ReturnType<Answer> | undefined) | undefined;
}

/** A registry that serves whatever it was given, sound or not. */
export async function evilRegistry(): Promise<EvilRegistry> {
  const contents = new Map<string, { readonly bytes: Buffer; readonly mediaType: string }>();
  const tags = new Map<string, string>();
  const registry: { instead: EvilRegistry["instead"] } = { instead: undefined };
  const server = await hostileServer(async (request, response) => {
    if (registry.instead !== undefined) {
      const answered = registry.instead(request, response);
      if (answered !== undefined) return answered;
    }
    const url = request.url ?? "";
    if (url === "/v2/") return void response.writeHead(200).end("{}");
    const [, kind, reference = ""] = /^\/v2\/base\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const found = contents.get(kind === "manifests" ? (tags.get(reference) ?? reference) : reference);
    if (found === undefined) return void response.writeHead(404, { "content-type": "application/json" }).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
    const type = kind === "manifests" ? found.mediaType : "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-length": found.bytes.length });
    response.end(request.method === "HEAD" ? undefined : found.bytes);
  });
  onTestFinished(() => server.close());
  const blob: EvilRegistry["blob"] = (given, mediaType = "application/octet-stream") => {
    const bytes = Buffer.from(given as Uint8Array);
    const digest = digestOf(bytes);
    contents.set(digest, { bytes, mediaType });
    return { mediaType, digest, size: bytes.length };
  };
  const document: EvilRegistry["document"] = (value, mediaType = TYPE.manifest) => blob(JSON.stringify(value), mediaType);
  const made: EvilRegistry = {
    name: `${server.host}/base:latest`,
    host: server.host,
    seen: server.seen,
    blob,
    document,
    image({ os = "linux", architecture = "amd64", layers = [], packed = layers.map((tar) => gzipSync(tar)), diffIds, config = {}, manifest } = {}) {
      const described = packed.map((bytes) => blob(bytes, TYPE.layer));
      const rootfs = { type: "layers", diff_ids: diffIds ?? layers.map((tar) => digestOf(tar)) };
      const configBlob = document({ os, architecture, config: {}, rootfs, ...config }, TYPE.config);
      const parts = { config: configBlob, layers: described };
      return document({ schemaVersion: 2, mediaType: TYPE.manifest, ...(manifest?.(parts) ?? parts) });
    },
    tag: (descriptor, tag = "latest") => void tags.set(tag, descriptor.digest),
    get instead() {
      return registry.instead;
    },
    set instead(answer) {
      registry.instead = answer;
    },
  };
  return made;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "multihull-hostile-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface BuildHere extends BuildRequest {
  readonly dockerfile: string;
  /** A context on standard input. */
  readonly archive?: Uint8Array;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A whole build in this process, from the public function down to sockets and disk: its own store, an empty context unless told. */
export async function buildHere({ dockerfile, archive, env = {}, ...request }: BuildHere): Promise<BuildOutcome> {
  const world = {
    ...nodeWorld(),
    env: { PATH: process.env.PATH, DOCKER_CONFIG: "/nonexistent", ...env },
    cwd: temporaryFolder(),
    stdin: () => Readable.from([archive ?? Buffer.from(dockerfile)]),
  };
  const where = archive === undefined ? { context: request.context ?? temporaryFolder(), file: "-" } : { context: "-" };
  return await build({ platforms: ["linux/amd64"], store: temporaryFolder(), ...request, ...where }, world);
}

/** The problem that something ends with; any other failure would be a bug of ours and is thrown as it is. */
export async function problemOf(act: Promise<unknown>): Promise<ProblemError> {
  try {
    await act;
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
  throw new Error("it went well, which it should not");
}
