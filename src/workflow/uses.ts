import type { Scalar } from "./tree.ts";

/** What `uses:` names. */
export interface Uses {
  readonly scalar: Scalar;
  readonly target: UsesTarget;
}

export type UsesTarget =
  /** `path` is empty for the repository's root; `ref` a tag, branch or commit as written. */
  | { readonly kind: "repository"; readonly owner: string; readonly repo: string; readonly path: string; readonly ref: string }
  /** Relative to the root of the checked-out repository, without `./`. */
  | { readonly kind: "local"; readonly path: string }
  | { readonly kind: "docker"; readonly image: string }
  /** Neither of these (an expression, no ref): GitHub refuses it. */
  | { readonly kind: "unknown" };

const REPOSITORY = /^([\w.-]+)\/([\w.-]+)(?:\/([^@]*))?@(.+)$/;

/**
 * Reads the value of `uses:` of a step or a job.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses
 */
export function parseUses(scalar: Scalar): Uses {
  return { scalar, target: targetOf(scalar.text.trim()) };
}

function targetOf(text: string): UsesTarget {
  if (text.startsWith("docker://")) return { kind: "docker", image: text.slice("docker://".length) };
  if (text === "." || text.startsWith("./")) return { kind: "local", path: text.replace(/^\.\/*/, "").replace(/\/+$/, "") };
  const match = text.includes("${{") ? null : REPOSITORY.exec(text);
  if (match === null) return { kind: "unknown" };
  const [, owner = "", repo = "", path = "", ref = ""] = match;
  return { kind: "repository", owner, repo, path: path.replace(/\/+$/, ""), ref };
}
