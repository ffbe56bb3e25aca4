import type { Place } from "../core/span.ts";
import { type HostedImage, type HostedLabel, hostedLabel, RUNNERS_READ_AT } from "../facts/runners.ts";
import type { Fact } from "../findings/finding.ts";
import type { Daemon, Environment, ImageStore, Runner } from "./environment.ts";
import { defaultStore } from "./image-store.ts";
import { knownItems, shownText, type Text, type Texts } from "./text.ts";

export interface RunnerOptions {
  /** `YYYY-MM-DD`: which row of the table. */
  readonly asOf: string;
  /** Of `runs-on`, or of the job; undefined for a machine that no file names. */
  readonly place: Place | undefined;
  /** The job's `container`. */
  readonly container?: Text | undefined;
}

/** The machine that `runs-on` names. @param labels  undefined: not known at all */
export function runnerOf(labels: Texts | undefined, options: RunnerOptions): Runner {
  const known = labels === undefined ? [] : knownItems(labels);
  const whole = labels !== undefined && !labels.open && known.length === labels.items.length && known.length > 0;
  const shown = labels?.items.map(shownText) ?? [];
  const lower = (whole ? known : shown).map((label) => label.toLowerCase());
  const base = { labels: known, container: options.container };
  const fact = (sentence: string): Fact => ({ sentence, place: options.place });

  if (lower.includes("self-hosted")) {
    const sentence = `the runner is self-hosted (${shown.join(", ")}): nobody knows which Docker it has`;
    return { ...base, os: osIn(lower), architecture: architectureIn(lower), kind: "self-hosted", image: undefined, fact: fact(sentence) };
  }
  const hosted = whole ? lower.flatMap((label) => hostedLabel(label, options.asOf) ?? []) : [];
  const [row] = hosted;
  if (row !== undefined && hosted.length === known.length) {
    const [first] = row.images as [HostedImage];
    return {
      ...base,
      os: first.os,
      architecture: first.architecture,
      kind: "hosted",
      image: row.images.length === 1 ? first.name : undefined,
      fact: fact(sentenceOf(known[0] as string, row)),
    };
  }
  const sentence = labels === undefined || shown.length === 0 ? "nobody knows the runner" : `nobody knows what a runner "${shown.join(", ")}" has`;
  return { ...base, os: osIn(lower), architecture: whole ? architectureIn(lower) : undefined, kind: "unknown", image: undefined, fact: fact(sentence) };
}

function sentenceOf(label: string, { images, source }: HostedLabel): string {
  const parts = images.map((image) => {
    const name = image.name === label ? "" : `${image.name} with `;
    if (!image.engine) return `${name}no Docker engine`;
    if (image.mixed) return `${name}one of two Docker versions (a roll-out)`;
    return image.docker === undefined ? `${name}Docker` : `${name}Docker ${image.docker} and its ${storeOf(image)} image store`;
  });
  const said = images.length > 1 ? ` (${source})` : "";
  return `runner "${label}" has ${parts.join(", or ")}${said}, by the table of ${RUNNERS_READ_AT}`;
}

const storeOf = (image: HostedImage): ImageStore => (image.mixed || image.docker === undefined ? "unknown" : defaultStore(image.docker, image.os));

function osIn(labels: readonly string[]): Runner["os"] {
  const has = (pattern: RegExp): boolean => labels.some((label) => pattern.test(label));
  if (has(/ubuntu|linux|debian/)) return "linux";
  if (has(/windows/)) return "windows";
  return has(/macos/) ? "macos" : undefined;
}

function architectureIn(labels: readonly string[]): string | undefined {
  const has = (pattern: RegExp): boolean => labels.some((label) => pattern.test(label));
  if (has(/(^|[^a-z])(arm64|aarch64)([^a-z]|$)/)) return "arm64";
  if (has(/(^|[^a-z])arm([^a-z0-9]|$)/)) return labels.includes("arm") ? "arm" : "arm64";
  return has(/(^|[^a-z0-9])(x64|amd64|x86_64)([^a-z0-9]|$)/) ? "amd64" : undefined;
}

/** What a job finds before its first step. @param variables  of workflow and job */
export function startEnvironment(runner: Runner, asOf: string, variables: ReadonlyMap<string, Text> = new Map()): Environment {
  const images = runner.kind === "hosted" ? (hostedLabel(runner.labels[0] as string, asOf)?.images ?? []) : [];
  const hosted = images.length > 0;
  const inContainer = runner.container !== undefined;
  return {
    runner,
    // A job's container brings its own Buildx, or none.
    buildxVersion: inContainer ? undefined : same(images.map((image) => image.buildx)),
    contexts: new Map([
      ["default", { name: "default", endpoint: "default", daemon: hosted ? daemonOf(images, runner.fact) : unknownDaemon(runner), fact: runner.fact }],
    ]),
    context: "default",
    builders: new Map(),
    selected: undefined,
    buildIsBuildx: false,
    emulators: { architectures: new Set(), open: !hosted, fact: undefined },
    logins: [],
    variables,
    images: [],
    files: [],
    services: [],
    doubts: [],
  };
}

function daemonOf(images: readonly HostedImage[], fact: Fact): Daemon | undefined {
  if (!images.some((image) => image.engine)) return undefined;
  const mixed = images.some((image) => image.mixed);
  return {
    version: mixed ? undefined : same(images.map((image) => image.docker)),
    store: same(images.map(storeOf)) ?? "unknown",
    storeFact: fact,
    rootless: false,
    mirrors: [],
  };
}

const unknownDaemon = (runner: Runner): Daemon => ({ version: undefined, store: "unknown", storeFact: runner.fact, rootless: false, mirrors: [] });

function same<T>(values: readonly T[]): T | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}
