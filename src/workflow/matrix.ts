import { type Contexts, type Given, type GivenObject, memberOf, open, UNKNOWN } from "./expression/data.ts";
import { type EvaluateOptions, evaluateNode } from "./expression/evaluate.ts";
import { MOST_MATRIX_ROWS } from "./limits.ts";
import { isObject, rowHas } from "./matrix-filter.ts";
import type { Node } from "./tree.ts";

/** Combinations of the vectors, times entries of `include` and `exclude` that each is compared with. */
const MOST_COMPARISONS = 1_000_000;

/** One run of a job: its `matrix` context. */
export interface MatrixRow {
  /** Keys in the order GitHub names the job by. Open when more may be there than is known. */
  readonly values: GivenObject;
  /** What GitHub writes behind the job's name: `linux/arm64, 3.12`; without what `include` adds, empty where nothing is known. */
  readonly name: string;
  /** False where an unknown `exclude`, `include` or vector leaves open whether there is such a row. */
  readonly certain: boolean;
}

export interface MatrixExpansion {
  /** In GitHub's order; at most {@link MOST_MATRIX_ROWS}. */
  readonly rows: readonly MatrixRow[];
  /** True when GitHub refuses it for its number of rows. */
  readonly tooMany: boolean;
}

/**
 * Expands `strategy.matrix` as GitHub does: all combinations of the vectors, less what `exclude` names, with what `include` adds to those it fits,
 * and then the `include` entries that fit none as rows of their own. A job without a matrix has one row without values.
 * What is unknown (`fromJSON(needs.x.outputs.y)`) gives one row in its place, whose values are unknown.
 * Source: actions/runner MatrixBuilder.cs, read 2026-11-22.
 */
export function expandMatrix(matrix: Node | undefined, contexts: Contexts, options: EvaluateOptions = {}): MatrixExpansion {
  if (matrix === undefined) return { rows: [{ values: {}, name: "", certain: true }], tooMany: false };
  const given = evaluateNode(matrix, contexts, options);
  if (!isObject(given)) return { rows: typeof given === "symbol" ? [unknownRow] : [], tooMany: false };
  const entries = Object.entries(given);
  const vectors = entries.filter(([key]) => !["include", "exclude"].includes(key.toLowerCase()));
  const builder = new MatrixBuilder(vectors, listOf(memberOf(given, "include")), listOf(memberOf(given, "exclude")));
  return builder.build();
}

const unknownRow: MatrixRow = { values: open({}), name: "", certain: false };

interface IncludeEntry {
  readonly filter: GivenObject;
  readonly extra: GivenObject;
  /** Whether it has been added to a row. */
  fits: boolean | undefined;
}

class MatrixBuilder {
  readonly #vectors: readonly (readonly [string, readonly Given[], boolean])[];
  readonly #include: readonly IncludeEntry[];
  /** `include` may hold more than is known. */
  readonly #moreIncluded: boolean;
  readonly #exclude: readonly Given[];

  constructor(vectors: readonly (readonly [string, Given])[], include: readonly Given[], exclude: readonly Given[]) {
    this.#vectors = vectors.map(([key, value]) => [
      key,
      Array.isArray(value) ? (value as readonly Given[]) : [typeof value === "symbol" ? UNKNOWN : value],
      typeof value === "symbol",
    ]);
    this.#include = include.filter(isObject).map((entry) => this.#split(entry));
    this.#moreIncluded = include.some((entry) => typeof entry === "symbol");
    this.#exclude = exclude;
  }

  build(): MatrixExpansion {
    const rows: MatrixRow[] = [];
    const size = this.#vectors.length === 0 ? 0 : this.#vectors.reduce((product, [, values]) => product * values.length, 1);
    const most = Math.floor(MOST_COMPARISONS / (1 + this.#include.length + this.#exclude.length));
    for (let index = 0; index < Math.min(size, most) && rows.length <= MOST_MATRIX_ROWS; index++) {
      const row = this.#combination(index, size);
      const excluded = this.#exclude.map((entry) => (typeof entry === "symbol" ? undefined : rowHas(row, entry)));
      if (excluded.includes(true)) continue;
      const certain = !excluded.includes(undefined) && this.#vectors.every(([, , unknown]) => !unknown);
      rows.push({ values: this.#withIncluded(row), name: nameOf(row), certain });
    }
    for (const { filter, extra, fits } of this.#include) {
      if (fits === true) continue;
      const values = { ...filter, ...extra };
      rows.push({ values, name: nameOf(values), certain: fits === false });
    }
    if (this.#moreIncluded) rows.push(unknownRow);
    return { rows: rows.slice(0, MOST_MATRIX_ROWS), tooMany: rows.length > MOST_MATRIX_ROWS || size > most };
  }

  /** The vectors' values number `index`; the first vector turns slowest. */
  #combination(index: number, size: number): GivenObject {
    let block = size;
    return Object.fromEntries(
      this.#vectors.map(([key, values]) => {
        block /= values.length;
        return [key, values[Math.floor(index / block) % values.length] as Given];
      }),
    );
  }

  #withIncluded(row: GivenObject): GivenObject {
    const extra: Record<string, Given> = {};
    for (const entry of this.#include) {
      const has = rowHas(row, entry.filter);
      if (has === false) continue;
      entry.fits = has === true || entry.fits === true ? true : undefined;
      for (const [key, value] of Object.entries(entry.extra)) extra[key] = has === true || extra[key] === value ? value : UNKNOWN;
    }
    return this.#moreIncluded ? open({ ...row, ...extra }) : { ...row, ...extra };
  }

  #split(entry: GivenObject): IncludeEntry {
    const known = new Set(this.#vectors.map(([key]) => key.toLowerCase()));
    const of = (vector: boolean): GivenObject => Object.fromEntries(Object.entries(entry).filter(([key]) => known.has(key.toLowerCase()) === vector));
    return { filter: of(true), extra: of(false), fits: false };
  }
}

function listOf(value: Given | undefined): readonly Given[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Given[]) : [value];
}

const nameOf = (values: GivenObject): string => scalarsWithin(values).join(", ");

function scalarsWithin(value: Given): readonly string[] {
  if (value === null || typeof value === "symbol") return [];
  return typeof value === "object" ? Object.values(value as GivenObject).flatMap(scalarsWithin) : [String(value)];
}
