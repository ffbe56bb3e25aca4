import type { BuildContext, ContextEntry } from "./context.ts";
import type { FetchedFile } from "./remote.ts";

/**
 * A named context at an http(s) address: one file called `context`, whatever it holds, which goes with the context.
 * @see moby/buildkit frontend/dockerui/namedcontext.go, read 2026-11-22
 */
export function downloadedContext(name: string, file: FetchedFile): BuildContext {
  const entry: ContextEntry = { path: "context", type: "file", mode: 0o600, uid: 0, gid: 0, mtime: file.mtime ?? 0, size: file.size };
  return { name, entries: async () => [entry], open: () => file.open(), close: () => file.close() };
}
