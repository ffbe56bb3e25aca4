import type { RepositoryFiles } from "./files.ts";
import { workflowPaths } from "./workflow-paths.ts";

const WORTH_READING = /docker|buildah|podman|buildx|buildctl|skopeo|crane|nerdctl|binfmt|qemu|bake|\bmake\b|GITHUB_(?:ENV|OUTPUT)|uses\s*:\s*["']?\.\//i;

/** Whether any of these files (absent: every workflow) holds a script that is worth reading as shell: reading loads a grammar, which takes 0.1 s. */
export function needsShell(files: RepositoryFiles, paths: readonly string[] = workflowPaths(files)): boolean {
  return paths.some((path) => {
    const read = files.read(path);
    return read.kind === "text" && WORTH_READING.test(read.file.text);
  });
}
