import table from "../../data/clauses.json" with { type: "json" };

/** Name of a row of `data/clauses.json`. */
export type ClauseId = keyof typeof table.clauses;

export interface ClauseFacts {
  /** `OCI image-spec v1.1.1, config.md, "Properties"`. */
  readonly name: string;
  readonly url: string;
}

/** A clause of a specification. */
export function clause(id: ClauseId): ClauseFacts {
  const { document, file, section, url } = table.clauses[id];
  return { name: `${document}, ${file}, "${section}"`, url };
}

export const CLAUSE_IDS = Object.keys(table.clauses) as readonly ClauseId[];
