import type { Clock } from "../../core/clock.ts";
import { type Digest, digestOf, isDigest } from "../../core/digest.ts";
import { readVertexName } from "../../explain/vertex-name.ts";
import { type LastLines, lastLines } from "../embedded/last-lines.ts";
import type { EventSink } from "../event.ts";
import { readStatus, type SolveStatus, type StatusUpdate, type VertexUpdate, type WarningUpdate } from "./raw-progress-status.ts";
import { keptWords } from "./raw-progress-words.ts";
import { vertexFailure } from "./vertex-failure.ts";

/** What a `docker buildx build --progress rawjson` said that matters when it fails. */
export interface HeardBuild {
  /** BuildKit told of a vertex of its own: the builder answered. */
  readonly answered: boolean;
  /** Of several that failed, the first; those that were only stopped do not count. */
  readonly failed: FailedVertex | undefined;
  /** Buildx's own words, those lines that were not JSON: the first and the last of them. */
  readonly words: readonly string[];
}

export interface FailedVertex {
  readonly vertex: Digest;
  readonly name: string;
  /** Those that its name tells, or the only one that is built. */
  readonly platforms: readonly string[];
  /** As BuildKit words it. */
  readonly error: string;
  /** Its last lines of output. */
  readonly lines: readonly string[];
}

export interface RawProgressOptions {
  readonly events: EventSink;
  readonly clock: Clock;
  /** Of one node among several: makes its vertices distinct from others', and is shown before their names. */
  readonly prefix?: { readonly id: string; readonly shown: string };
  /** When one platform alone is built: names of vertices tell none then. */
  readonly platform?: string;
}

/** Reads what Buildx writes to stderr. */
export interface RawProgress {
  /** One line, as it comes. */
  line(text: string): void;
  /** Ends what BuildKit left open without saying so; asked once, when Buildx has ended. */
  end(): HeardBuild;
}

/** Vertices, and parts of their work, that are told of at most. */
const VERTICES_LIMIT = 10_000;
const STATUSES_LIMIT = 50_000;
const WARNINGS_LIMIT = 1000;
/** Times that one vertex may be worked at side by side. */
const OPEN_LIMIT = 100;
/** Lines of a vertex's output that are kept for when it fails. */
const OUTPUT_LINES = 20;

/** Vertices that Buildx tells of before BuildKit answers. */
const BUILDX_OWN = /^\[internal\] (?:waiting for connection|booting buildkit|connecting to local controller)/;
/** What comes from the client is looked up first, which ends at once, then sent. */
const FROM_CLIENT = /^\[internal\] load (?:build definition|build context|\.dockerignore)/;
/** A cache that cannot be read does not stop a build. */
const CACHE_READ = /^importing cache manifest/;
/** How a vertex ends that is stopped because of another one, or by the user. */
const STOPPED = "context canceled";
const EXPORT = /^exporting /;
/** Steps of an export that are told: not the many that each name a blob. */
const EXPORT_STEP = /^(?:pushing manifest for |(?!.*sha256:)(?:exporting|sending|pushing|preparing|writing|copying|naming|unpacking) )/;

interface Shown {
  readonly id: Digest;
  /** As BuildKit names it. */
  readonly name: string;
  /** With the node before it. */
  readonly shown: string;
  readonly platforms: readonly string[];
  /** Times that it is worked at now. */
  readonly open: Set<string>;
  /** Times that it was worked at to an end. */
  ends: number;
  state: "known" | "running" | "done" | "cached" | "stopped" | "failed";
  cached: boolean;
  /** Of a group: some member was not cached. */
  isMade: boolean;
  error: string;
  output: LastLines | undefined;
}

/**
 * Turns the lines of `--progress rawjson` into the events of a build.
 *
 * Times of events are of our clock, when the line came: that of a builder elsewhere may go otherwise, and what several
 * builders tell must stand in one order.
 * @see moby/buildkit util/progress/progressui: a vertex may be worked at several times, and side by side
 */
export function rawProgress(options: RawProgressOptions): RawProgress {
  const { events, clock } = options;
  const vertices = new Map<Digest, Shown>();
  const statuses = new Map<string, "started" | "done">();
  const blobs = new Set<string>();
  const warned = new Set<string>();
  const words = keptWords();
  let answered = false;
  let failed: FailedVertex | undefined;

  const emit = (event: Told): void => events.emit({ ...event, atMs: clock.nowMs() });

  const warn = (message: string): void => {
    if (warned.size >= WARNINGS_LIMIT || warned.has(message)) return;
    warned.add(message);
    emit({ type: "warning", message: ofNode(message, options) });
  };

  const shownOf = ({ digest, name, group }: VertexUpdate): Shown | undefined => {
    const known = vertices.get(digest);
    if (known !== undefined || vertices.size >= VERTICES_LIMIT) return known;
    const key = group === undefined ? digest : digestOf(group.id);
    const one = vertices.get(key) ?? newVertex(key, group === undefined || group.name === "" ? name : group.name, options);
    vertices.set(key, one);
    vertices.set(digest, one);
    return one;
  };

  const begin = (update: VertexUpdate): Shown | undefined => {
    if (!BUILDX_OWN.test(update.name)) answered = true;
    const one = shownOf(update);
    // A weak member is part of what another does.
    if (one === undefined || (update.group?.weak === true && update.error === "")) return undefined;
    if (update.error !== "") one.error = update.error;
    if (update.started === undefined) return one;
    if (update.group !== undefined && !update.cached) one.isMade = true;
    one.cached = update.cached && !one.isMade;
    if (update.completed) {
      one.ends++;
      one.open.delete(update.started);
    }
    if (!update.completed && one.open.size < OPEN_LIMIT) one.open.add(update.started);
    const isWorkedAt = one.open.size > 0;
    if (one.state !== "failed" && one.state !== "running" && (isWorkedAt || (one.state === "known" && !update.cached))) {
      one.state = "running";
      emit({ type: "vertex-started", vertex: one.id, name: one.shown, platforms: one.platforms });
    }
    return one;
  };

  const finish = (one: Shown): void => {
    if (one.state === "failed") return;
    if (one.error !== "") fail(one);
    else if (one.open.size === 0 && one.cached) {
      if (one.state !== "cached") emit({ type: "vertex-cached", vertex: one.id, name: one.shown, platforms: one.platforms });
      one.state = "cached";
    } else if (one.open.size === 0 && one.state === "running") {
      if (one.ends > 1 || !FROM_CLIENT.test(one.name)) done(one);
    }
  };

  const done = (one: Shown): void => {
    one.state = "done";
    emit({ type: "vertex-done", vertex: one.id });
  };

  const fail = (one: Shown): void => {
    if (one.error.endsWith(STOPPED)) {
      one.error = "";
      one.state = "stopped";
      return;
    }
    if (CACHE_READ.test(one.name)) {
      warn(`${one.name}: ${one.error}`);
      one.error = "";
      done(one);
      return;
    }
    one.state = "failed";
    const how: FailedVertex = { vertex: one.id, name: one.name, platforms: one.platforms, error: one.error, lines: one.output?.lines() ?? [] };
    failed ??= how;
    emit({ type: "vertex-failed", vertex: one.id, problem: vertexFailure(how) });
  };

  const tellStatus = (update: StatusUpdate): void => {
    const one = vertices.get(update.vertex);
    if (one === undefined) return;
    if (isDigest(update.id)) {
      if (blobs.size >= STATUSES_LIMIT) return;
      blobs.add(update.id);
      const size = update.total === 0 ? {} : { totalBytes: update.total };
      emit({ type: "transfer", direction: "pull", blob: update.id, doneBytes: update.current, ...size });
    } else if (EXPORT.test(one.name) && EXPORT_STEP.test(update.id)) tellStep(one, update);
  };

  const tellStep = (one: Shown, { id, started, completed }: StatusUpdate): void => {
    const step = `${one.id} ${id}`;
    const told = statuses.get(step);
    if (told === undefined && started && statuses.size < STATUSES_LIMIT) {
      statuses.set(step, "started");
      emit({ type: "step-started", step, name: ofNode(id, options) });
    }
    if (completed && statuses.get(step) === "started") {
      statuses.set(step, "done");
      emit({ type: "step-done", step });
    }
  };

  const take = ({ vertexes, statuses: updates, logs, warnings }: SolveStatus): void => {
    // What ends a vertex and what it printed may come in one line: its end is told last.
    const touched = new Set(vertexes.flatMap((update) => begin(update) ?? []));
    updates.forEach(tellStatus);
    for (const { vertex, stream, data } of logs) {
      const one = vertices.get(vertex);
      if (one === undefined || data.byteLength === 0) continue;
      one.output ??= lastLines(OUTPUT_LINES);
      one.output.add(data, stream);
      emit({ type: "vertex-output", vertex: one.id, stream, bytes: data });
    }
    for (const warning of warnings) warn(warningText(warning));
    touched.forEach(finish);
  };

  return {
    line(text) {
      const status = readStatus(text);
      if (status !== undefined) take(status);
      else {
        words.add(text);
        const warning = WARNING.exec(text);
        if (warning !== null) warn((warning[1] ?? warning[2]) as string);
      }
    },
    end() {
      for (const one of new Set(vertices.values())) if (one.state === "running" && one.open.size === 0) done(one);
      return { answered, failed, words: words.lines() };
    },
  };
}

type Timeless<T> = T extends unknown ? Omit<T, "atMs"> : never;
type Told = Timeless<Parameters<EventSink["emit"]>[0]>;

function newVertex(key: Digest, name: string, options: RawProgressOptions): Shown {
  const { prefix, platform } = options;
  return {
    id: prefix === undefined ? key : digestOf(`${prefix.id}\n${key}`),
    name,
    shown: ofNode(name, options),
    platforms: platformsOf(name, platform),
    open: new Set(),
    ends: 0,
    state: "known",
    cached: false,
    isMade: false,
    error: "",
    output: undefined,
  };
}

/** An instruction of the Dockerfile, whose name tells no platform where only one is built. */
const INSTRUCTION = /^\[(?!internal\]|auth\])[^\]]*\d+\/\d+\] /;

/** As Buildx names what several builds do: `[arm linux/arm64 2/3] RUN make`. */
function ofNode(name: string, { prefix, platform }: RawProgressOptions): string {
  if (prefix === undefined) return name;
  if (!name.startsWith("[")) return `[${prefix.shown}] ${name}`;
  const only = platform !== undefined && INSTRUCTION.test(name) && readVertexName(name).platform === undefined ? `${platform} ` : "";
  return `[${prefix.shown} ${only}${name.slice(1)}`;
}

function platformsOf(name: string, only: string | undefined): readonly string[] {
  const told = readVertexName(name).platform ?? (INSTRUCTION.test(name) ? only : undefined);
  return told === undefined ? [] : [told];
}

/** As Buildx prints it itself, or by its log library. */
const WARNING = /^WARNING: (.+)$|^time="[^"]{1,40}" level=warning msg="(.+)"$/;

function warningText({ short, file, line }: WarningUpdate): string {
  if (file === undefined || line === undefined) return short;
  return `${file}:${line}: ${short.replace(` (line ${line})`, "")}`;
}
