import { join, relative, resolve } from "node:path";
import { addAbortSignal, Readable } from "node:stream";
import { type StreamedContext, streamedContext } from "../adapters/node/context/archive-context.ts";
import { type ContextSource, parseContextSource } from "../adapters/node/context/build-context-source.ts";
import { folderContext } from "../adapters/node/context/folder-context.ts";
import { remoteFetcher } from "../adapters/node/context/remote-fetcher.ts";
import { makePrivateFolder, readTextFile, type World } from "../adapters/node/world.ts";
import { type GitAddress, type GitSource, redactAddress } from "../core/git-address.ts";
import { ProblemError } from "../core/problem.ts";
import type { SourceFile } from "../core/span.ts";
import { type IgnoreMatcher, ignoreMatcher, parseIgnore } from "../dockerfile/ignore.ts";
import type { BuildContext } from "../engine/context.ts";
import { downloadedContext } from "../engine/downloaded-context.ts";
import type { RemoteFetcher } from "../engine/remote.ts";
import type { ByteStream } from "../image/blob-store.ts";

/** The main build context with the Dockerfile that goes with it. */
export interface MainContext {
  readonly dockerfile: SourceFile;
  /** Opened when the first step wants it: a plan alone reads no context folder. */
  readonly open: () => Promise<BuildContext>;
  close(): Promise<void>;
}

export interface ContextPorts {
  readonly world: World;
  readonly remote: RemoteFetcher;
  readonly signal?: AbortSignal | undefined;
  /** Private folder for what is spooled and checked out. */
  readonly workFolder: string;
  readonly buildArgs: ReadonlyMap<string, string>;
}

export function contextPorts(world: World, storeFolder: string, buildArgs: ReadonlyMap<string, string>, signal: AbortSignal | undefined): ContextPorts {
  const workFolder = makePrivateFolder(join(storeFolder, "work"));
  return { world, workFolder, buildArgs, signal, remote: remoteFetcher({ workFolder, env: world.env }) };
}

/**
 * Finds the context and its Dockerfile as `docker buildx build` does: `-f` is relative to where the user stands for a local context,
 * to the context's root for one that is brought from elsewhere; `-` stands for standard input.
 * @throws {ProblemError} `context-unreadable` | `file-unreadable` | `usage` | `git-*`
 */
export async function mainContext(text: string, file: string | undefined, ports: ContextPorts): Promise<MainContext> {
  const source = parseContextSource(text);
  switch (source.kind) {
    case "folder":
      return folderMain(resolve(ports.world.cwd, source.folder), source.folder, file, ports);
    case "stdin": {
      if (file === "-")
        throw new ProblemError("usage", { message: "both the context and the Dockerfile are to come from standard input", hint: "give one of them a path" });
      const streamed = await streamedContext(stdinOf(ports), { name: "-", spoolFolder: ports.workFolder });
      if (streamed.kind === "archive") return await insideMain(streamed.context, file);
      return { dockerfile: { name: "-", text: streamed.text }, open: async () => emptyContext("-"), close: async () => {} };
    }
    case "git":
      return await insideMain(await ports.remote.git(mainCheckout(source.request, ports), ports.signal), file);
    case "http": {
      const streamed = await downloaded(source.url, ports);
      if (streamed.kind === "archive") return await insideMain(streamed.context, file);
      return {
        dockerfile: { name: redactAddress(source.url), text: streamed.text },
        open: async () => emptyContext(redactAddress(source.url)),
        close: async () => {},
      };
    }
    case "image":
      throw new ProblemError("usage", {
        message: `the context "${text}" is an image`,
        hint: "an image can only be a named context: --build-context NAME=docker-image://…",
      });
  }
}

/**
 * What a git address asks for as the main context: SOURCE_DATE_EPOCH makes the commit's time that of the files, BUILDKIT_CONTEXT_KEEP_GIT_DIR keeps `.git`.
 * @see moby/buildkit frontend/dockerui/context.go (initContext, DetectGitContext) at 73ed682 (2026-08-21)
 */
export function mainCheckout(address: GitAddress, { buildArgs, world }: Pick<ContextPorts, "buildArgs"> & { readonly world: Pick<World, "env"> }): GitSource {
  const epoch = buildArgs.get("SOURCE_DATE_EPOCH") ?? world.env.SOURCE_DATE_EPOCH;
  const keepGitDir = address.keepGitDir === true || /^(?:1|t|T|TRUE|true|True)$/.test(buildArgs.get("BUILDKIT_CONTEXT_KEEP_GIT_DIR") ?? "");
  return { ...(epoch ? { mtime: "commit" } : {}), ...address, keepGitDir };
}

/** Whether a request takes anything from standard input. */
export const contextOnStdin = (context: string, file: string | undefined): boolean => file === "-" || parseContextSource(context).kind === "stdin";

/** Standard input, given up when the run is stopped: who types at it may never end it. */
function stdinOf({ world, signal }: ContextPorts): ByteStream {
  const stdin = world.stdin();
  return signal !== undefined && stdin instanceof Readable ? addAbortSignal(signal, stdin) : stdin;
}

/** A named context that is files; what is an image never comes here. */
export async function filesContext(name: string, source: ContextSource, ports: ContextPorts): Promise<BuildContext> {
  switch (source.kind) {
    case "folder": {
      const folder = resolve(ports.world.cwd, source.folder);
      return folderContext(folder, { name: source.folder, ...ignoring(readTextFile(join(folder, ".dockerignore"), { regular: true })) });
    }
    case "git":
      return await ports.remote.git({ keepGitDir: false, ...source.request }, ports.signal);
    case "http":
      return downloadedContext(redactAddress(source.url), await ports.remote.file({ url: source.url }, ports.signal));
    case "stdin":
    case "image":
      throw new ProblemError("usage", { message: `the named context "${name}" cannot be files from ${source.kind}` });
  }
}

async function downloaded(url: string, ports: ContextPorts): Promise<StreamedContext> {
  const fetched = await ports.remote.file({ url }, ports.signal);
  try {
    return await streamedContext(fetched.open(), { name: redactAddress(url), spoolFolder: ports.workFolder });
  } finally {
    await fetched.close();
  }
}

async function folderMain(folder: string, name: string, file: string | undefined, ports: ContextPorts): Promise<MainContext> {
  const dockerfile = await localDockerfile(folder, file, ports);
  const beside = file === "-" ? undefined : readTextFile(`${dockerfile.path}.dockerignore`, { regular: true });
  const ignore = ignoring(beside ?? readTextFile(join(folder, ".dockerignore"), { regular: true }));
  let context: BuildContext | undefined;
  return {
    dockerfile: dockerfile.file,
    open: async () => {
      context ??= folderContext(folder, { name, ...ignore });
      return context;
    },
    close: async () => context?.close(),
  };
}

async function localDockerfile(folder: string, file: string | undefined, ports: ContextPorts): Promise<{ readonly path: string; readonly file: SourceFile }> {
  if (file === "-") return { path: "-", file: { name: "-", text: await readAll(stdinOf(ports)) } };
  const path = file === undefined ? join(folder, "Dockerfile") : resolve(ports.world.cwd, file);
  // A build whose file is spelled in lower case works with Docker too.
  // What the user names may be a pipe (`-f <(program)`); what lies in the context may not.
  const regular = { regular: file === undefined };
  const text = readTextFile(path, regular) ?? (file === undefined ? readTextFile(join(folder, "dockerfile"), regular) : undefined);
  const shown = relative(ports.world.cwd, path);
  const name = shown === "" || shown.startsWith("..") ? path : shown;
  if (text === undefined)
    throw new ProblemError("file-unreadable", {
      message: `there is no Dockerfile at "${name}"`,
      hint: file === undefined ? "name it with -f FILE, or name another context" : "a path behind -f is relative to where you stand, not to the context",
    });
  return { path, file: { name, text } };
}

/** A context that brings its Dockerfile along. */
async function insideMain(context: BuildContext, file: string | undefined): Promise<MainContext> {
  const wanted = (file ?? "Dockerfile").replace(/^(?:\.?\/)+/, "");
  const entry = (await context.entries()).find((e) => e.path === wanted);
  if (entry?.type !== "file") {
    await context.close();
    throw new ProblemError("file-unreadable", {
      message: `the context "${context.name}" has no Dockerfile "${wanted}"`,
      hint: "name it with -f, relative to the context's root",
    });
  }
  return { dockerfile: { name: wanted, text: await readAll(context.open(entry)) }, open: async () => context, close: () => context.close() };
}

const emptyContext = (name: string): BuildContext => ({
  name,
  entries: async () => [],
  open: () => {
    throw new Error("an empty context has no files");
  },
  close: async () => {},
});

const ignoring = (text: string | undefined): { ignore?: IgnoreMatcher } => (text === undefined ? {} : { ignore: ignoreMatcher(parseIgnore(text)) });

/** A Dockerfile on standard input is text; more than this is something else. */
const STREAMED_TEXT_LIMIT_BYTES = 16 * 1024 * 1024;

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > STREAMED_TEXT_LIMIT_BYTES)
      throw new ProblemError("limit-exceeded", { message: `a Dockerfile of more than ${STREAMED_TEXT_LIMIT_BYTES} bytes is no Dockerfile` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
