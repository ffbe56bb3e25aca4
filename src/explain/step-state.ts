import type { LogLine, StepInLog } from "./explanation.ts";
import { REMEMBERED_LIMIT, SHOWN_LIMIT } from "./limits.ts";
import type { Match } from "./signature-index.ts";

/** A line with signatures in it. */
export interface Hit {
  readonly line: LogLine;
  readonly matches: readonly Match[];
  /** Of the vertex that printed it. */
  readonly vertex: Vertex | undefined;
  /** The line says of itself that it is an error, or stands in a builder's account of one. */
  readonly isError: boolean;
  readonly isWarning: boolean;
}

/** A step of a build, as Buildx numbers and names it. */
export interface Vertex {
  readonly name: string;
  failed: boolean;
}

/** What a step of a job printed, as far as it matters; without GitHub's heads, all of the log. */
export class StepState {
  readonly hits: Hit[] = [];
  readonly firstErrors: LogLine[] = [];
  readonly lastErrors: LogLine[] = [];
  readonly vertices = new Map<string, Vertex>();
  /** The last vertex that failed: the one that ends the build. */
  failedVertex: Vertex | undefined;
  source: { readonly file: string; readonly line: number } | undefined;
  /** Of builders that do not number their vertices. */
  instruction: string | undefined;
  exitCode: number | undefined;
  /** An error that GitHub marks. */
  marked: LogLine | undefined;
  readonly head: StepInLog | undefined;
  readonly #kept = new Map<string, number>();

  constructor(head: StepInLog | undefined) {
    this.head = head;
  }

  vertex(key: string, name: string): Vertex {
    const known = this.vertices.get(key);
    if (known !== undefined && (known.name === name || name === "")) return known;
    const vertex = { name: shown(name), failed: false };
    if (this.vertices.size < REMEMBERED_LIMIT) this.vertices.set(key, vertex);
    return vertex;
  }

  fail(vertex: Vertex): void {
    vertex.failed = true;
    this.failedVertex = vertex;
  }

  hit(hit: Hit): void {
    const key = `${hit.vertex?.name} ${hit.isError} ${hit.matches.map(({ indexed }) => indexed.signature.text).join("|")}`;
    const kept = this.#kept.get(key) ?? 0;
    if (kept >= LIKE_HITS || this.#kept.size >= REMEMBERED_LIMIT) return;
    this.#kept.set(key, kept + 1);
    this.hits.push(hit);
  }

  error(line: LogLine): void {
    if (this.firstErrors.length < SHOWN_ERRORS) this.firstErrors.push(line);
    else {
      if (this.lastErrors.length === SHOWN_ERRORS) this.lastErrors.shift();
      this.lastErrors.push(line);
    }
  }
}

/** Lines alike that are kept of one step. */
const LIKE_HITS = 2;
const SHOWN_ERRORS = 5;

/** So much of a text as is kept to be shown. */
export const shown = (text: string): string => (text.length <= SHOWN_LIMIT ? text : `${text.slice(0, SHOWN_LIMIT - 1)}…`);
