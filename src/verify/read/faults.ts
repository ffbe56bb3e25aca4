import { isProblem, type ProblemCode, type ProblemError } from "../../core/problem.ts";

/** Codes of what is wrong with content: an absent blob is `registry-not-found`, `layout-invalid` or `store-damaged`, as its source has it. */
const OF_CONTENT: ReadonlySet<ProblemCode> = new Set([
  "digest-malformed",
  "digest-mismatch",
  "size-mismatch",
  "diff-id-mismatch",
  "manifest-invalid",
  "layer-invalid",
  "layer-unsupported",
  "limit-exceeded",
  "layout-invalid",
  "registry-not-found",
  "store-damaged",
]);

/** What `read` gives, or the problem when it is the image's own. @throws what is the machine's, the network's or ours */
export async function faultOf<T>(read: () => Promise<T> | T): Promise<{ readonly value: T } | { readonly problem: ProblemError }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (isProblem(error) && OF_CONTENT.has(error.code)) return { problem: error };
    throw error;
  }
}
