import type { RepositoryFiles } from "./files.ts";

const FOLDER = ".github/workflows";

/** Where GitHub looks for workflows. */
export const workflowPaths = (files: RepositoryFiles): readonly string[] =>
  files
    .list(FOLDER)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => `${FOLDER}/${name}`);
