import { type Digest, digestOf, isDigest } from "../../core/digest.ts";

/** A line of `--progress rawjson` (BuildKit's `client.SolveStatus`), with what does not fit left out. */
export interface SolveStatus {
  readonly vertexes: readonly VertexUpdate[];
  readonly statuses: readonly StatusUpdate[];
  readonly logs: readonly LogUpdate[];
  readonly warnings: readonly WarningUpdate[];
}

/** A vertex as it stands; the same one is told many times. */
export interface VertexUpdate {
  readonly digest: Digest;
  readonly name: string;
  /** Names one of the times that it is worked at; undefined: it is only known of. */
  readonly started: string | undefined;
  readonly completed: boolean;
  readonly cached: boolean;
  /** Empty: none. */
  readonly error: string;
  /** Vertices that are shown as one; a weak member only together with others. */
  readonly group: { readonly id: string; readonly name: string; readonly weak: boolean } | undefined;
}

/** A part of a vertex's work: a blob that is pulled, a step of an export. */
export interface StatusUpdate {
  readonly id: string;
  readonly vertex: Digest;
  readonly current: number;
  /** 0: unknown. */
  readonly total: number;
  readonly started: boolean;
  readonly completed: boolean;
}

export interface LogUpdate {
  readonly vertex: Digest;
  readonly stream: "stdout" | "stderr";
  readonly data: Uint8Array;
}

export interface WarningUpdate {
  readonly short: string;
  /** Of the Dockerfile, as BuildKit names it. */
  readonly file: string | undefined;
  /** 1-based. */
  readonly line: number | undefined;
}

/** Most characters of a name or an id that are kept. */
const NAME_LIMIT = 1000;
const ERROR_LIMIT = 10_000;
const START = /^\{"(?:vertexes|statuses|logs|warnings)":/;

/** Undefined: the line is no status, but words of Buildx. */
export function readStatus(line: string): SolveStatus | undefined {
  // An update without news is told as an empty object.
  if (line === "{}") return { vertexes: [], statuses: [], logs: [], warnings: [] };
  if (!START.test(line)) return undefined;
  let status: Fields;
  try {
    status = JSON.parse(line) as Fields;
  } catch {
    return undefined;
  }
  return {
    vertexes: listOf(status.vertexes).flatMap(vertexOf),
    statuses: listOf(status.statuses).flatMap(statusOf),
    logs: listOf(status.logs).flatMap(logOf),
    warnings: listOf(status.warnings).flatMap(warningOf),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);
const textOf = (value: unknown, limit = NAME_LIMIT): string => (typeof value === "string" ? value.slice(0, limit) : "");
const countOf = (value: unknown): number => (Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0);
const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === "string" ? value : "", "base64");
const isTime = (value: unknown): boolean => typeof value === "string" && value !== "";

/** Ids of vertices are content addresses; whatever else stands there is made into one. */
function idOf(value: unknown): Digest | undefined {
  const text = textOf(value);
  if (text === "") return undefined;
  return isDigest(text) ? text : digestOf(text);
}

function vertexOf({ digest, name, started, completed, cached, error, progressGroup }: Fields): VertexUpdate[] {
  const id = idOf(digest);
  if (id === undefined) return [];
  return [
    {
      digest: id,
      name: textOf(name),
      started: isTime(started) ? textOf(started) : undefined,
      completed: isTime(completed),
      cached: cached === true,
      error: textOf(error, ERROR_LIMIT),
      group: isFields(progressGroup) ? { id: textOf(progressGroup.id), name: textOf(progressGroup.name), weak: progressGroup.weak === true } : undefined,
    },
  ];
}

function statusOf({ id, vertex, current, total, started, completed }: Fields): StatusUpdate[] {
  const of = idOf(vertex);
  if (of === undefined) return [];
  return [{ id: textOf(id), vertex: of, current: countOf(current), total: countOf(total), started: isTime(started), completed: isTime(completed) }];
}

function logOf({ vertex, stream, data }: Fields): LogUpdate[] {
  const of = idOf(vertex);
  return of === undefined ? [] : [{ vertex: of, stream: stream === 2 ? "stderr" : "stdout", data: bytesOf(data) }];
}

function warningOf({ short, sourceInfo, range }: Fields): WarningUpdate[] {
  const text = textOf(bytesOf(short).toString("utf8"));
  if (text === "") return [];
  const start = listOf(range)[0]?.start;
  const line = isFields(start) ? countOf(start.line) : 0;
  const file = isFields(sourceInfo) ? textOf(sourceInfo.filename) : "";
  return [{ short: text, file: file === "" ? undefined : file, line: line === 0 ? undefined : line }];
}
