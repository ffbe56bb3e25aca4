import table from "../../data/secret-names.json" with { type: "json" };

/** What a file's name says it holds. */
export interface SecretKind {
  /** `a private SSH key`. */
  readonly what: string;
  /** Nearly every file of that name is one. */
  readonly sure: boolean;
}

interface Row extends SecretKind {
  readonly names?: readonly string[];
  readonly places?: readonly string[];
  readonly endings?: readonly string[];
}

const ROWS: readonly Row[] = table.kinds;
const by = (keys: (row: Row) => readonly string[] | undefined): ReadonlyMap<string, Row> =>
  new Map(ROWS.flatMap((row) => (keys(row) ?? []).map((key) => [key, row] as const)));
const [NAMES, PLACES, ENDINGS] = [by((row) => row.names), by((row) => row.places), by((row) => row.endings)];
const NOT_IN: ReadonlySet<string> = new Set(table.notIn);
const PUBLIC: ReadonlySet<string> = new Set(table.publicNames);

/** What secret the file at a path, without leading slash, holds by its name; undefined where it tells none, or lies where packages and tests have theirs. */
export function secretKind(path: string): SecretKind | undefined {
  const parts = path.split("/");
  const name = parts.at(-1) as string;
  const kind = NAMES.get(name) ?? placeOf(parts) ?? endingOf(path, name);
  if (kind === undefined || isBelow(path, table.notBelow) || parts.some((part) => NOT_IN.has(part))) return undefined;
  return { what: kind.what, sure: kind.sure };
}

const placeOf = (parts: readonly string[]): Row | undefined => PLACES.get(parts.slice(-2).join("/")) ?? PLACES.get(parts.slice(-3).join("/"));

function endingOf(path: string, name: string): Row | undefined {
  const dot = name.lastIndexOf(".");
  const row = dot === -1 ? undefined : ENDINGS.get(name.slice(dot));
  if (row === undefined || !isBelow(path, table.own)) return undefined;
  const words = name
    .slice(0, dot)
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => PUBLIC.has(word)) ? undefined : row;
}

const isBelow = (path: string, folders: readonly string[]): boolean => folders.some((folder) => path.startsWith(`${folder}/`));
