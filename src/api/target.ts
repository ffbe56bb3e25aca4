import { findRepository, openRepository } from "../adapters/node/repository-files.ts";
import { nearest } from "../core/nearest.ts";
import { ProblemError } from "../core/problem.ts";
import type { Grammars } from "../simulate/create-readers.ts";
import type { RepositoryFiles } from "../simulate/files.ts";
import { needsShell } from "../simulate/needs-shell.ts";
import { workflowPaths } from "../simulate/workflow-paths.ts";
import { RULE_SUMMARIES } from "./diagnose.ts";
import { loadGrammars } from "./grammars.ts";

/** Where a command that looks at a repository looks. */
export interface OpenedTarget {
  /** As people reach it from where they stand. */
  readonly root: string;
  readonly files: RepositoryFiles;
  readonly grammars: Grammars;
  /** Undefined: every workflow. */
  readonly paths: readonly string[] | undefined;
  readonly dockerfiles: readonly string[];
}

/**
 * Opens what a path names, with the grammars that its files need.
 * @throws {ProblemError} `file-unreadable` | `workflow-missing`
 */
export async function openTarget(path: string): Promise<OpenedTarget> {
  const found = findRepository(path);
  if (found === undefined)
    throw new ProblemError("file-unreadable", { message: `there is nothing at "${path}"`, hint: "name a repository's folder, or a workflow" });
  const files = openRepository(found.root);
  const { paths, dockerfiles } = found.path === undefined ? { paths: undefined, dockerfiles: [] } : single(found.path, files);
  if (paths === undefined && workflowPaths(files).length === 0) {
    throw new ProblemError("workflow-missing", {
      message: `"${path}" has no workflow: there is no .yml or .yaml file in .github/workflows`,
      hint: "name the folder of a repository that has one, or a single workflow, action.yml or Dockerfile",
    });
  }
  return { root: found.shown, files, grammars: await grammarsFor(files, paths), paths, dockerfiles };
}

function single(path: string, files: RepositoryFiles): { readonly paths: readonly string[]; readonly dockerfiles: readonly string[] } {
  const read = files.read(path);
  if (read.kind === "refused")
    throw new ProblemError("file-unreadable", { message: `"${path}" is not read: ${read.reason}`, hint: "name a workflow, an action.yml or a Dockerfile" });
  if (read.kind === "missing")
    throw new ProblemError("file-unreadable", { message: `"${path}" leads out of its repository`, hint: "name the file that it links to" });
  return /\.ya?ml$/.test(path) ? { paths: [path], dockerfiles: [] } : { paths: [], dockerfiles: [path] };
}

async function grammarsFor(files: RepositoryFiles, paths: readonly string[] | undefined): Promise<Grammars> {
  // They take a tenth of a second, more than all else together.
  return needsShell(files, paths) ? await loadGrammars() : {};
}

export function checkRule(rule: string): void {
  const known = RULE_SUMMARIES.map(({ id }) => id);
  if (known.includes(rule)) return;
  const near = nearest(rule, known);
  throw new ProblemError("usage", { message: `there is no rule "${rule}"`, hint: near === undefined ? "docs/rules.md lists them" : `did you mean ${near}?` });
}
