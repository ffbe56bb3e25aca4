import type { MatrixRow } from "../../workflow/matrix.ts";

const NAME = /^[A-Za-z_][\w-]*$/;

/** The first key of a matrix whose text is another in each of these rows; undefined where there is none, or a row is not wholly known. */
export function tellingKey(rows: readonly MatrixRow[]): string | undefined {
  const different = [...new Set(rows)];
  const [first] = different;
  if (first === undefined || different.length < 2) return undefined;
  return Object.keys(first.values).find((key) => {
    const values = different.map((row) => row.values[key]);
    // A comma would begin another field.
    return NAME.test(key) && values.every((value) => typeof value === "string" && /^[\w./-]+$/.test(value)) && new Set(values).size === different.length;
  });
}
