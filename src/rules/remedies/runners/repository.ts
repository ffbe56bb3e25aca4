import { splitOutside, withoutExpressions } from "./expressions.ts";

/** Tags of a list input, as written. */
export const tagsIn = (text: string): readonly string[] => splitOutside(text, /[\n,]/);

/**
 * The repository that the first tag of a list names, expressions and all (`ghcr.io/${{ github.repository }}`); undefined where only the run tells it,
 * as for the outputs of docker/metadata-action.
 */
export function writtenRepository(text: string): string | undefined {
  const [first] = tagsIn(text);
  if (first === undefined || /["\s]/.test(withoutExpressions(first))) return undefined;
  const bare = withoutExpressions(first);
  const colon = bare.lastIndexOf(":");
  if (colon > bare.lastIndexOf("/")) return colon === 0 ? undefined : first.slice(0, colon);
  // What stands at the end may bring a tag with it.
  return bare.endsWith("\u0001") ? undefined : first;
}
