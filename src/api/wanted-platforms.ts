import { findRepository, openRepository } from "../adapters/node/repository-files.ts";
import type { BakeTexts } from "../bake/bake-file.ts";
import { BAKE_DEFAULT_FILES } from "../bake/default-files.ts";
import { readBakeFile } from "../bake/read.ts";
import { resolveBake } from "../bake/resolve.ts";
import type { Clock } from "../core/clock.ts";
import { formatPlatform, type Platform, parsePlatform } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import { parseReference } from "../core/reference.ts";
import { type Place, positionOf } from "../core/span.ts";
import { publishingOf } from "../rules/published.ts";
import { createReaders } from "../simulate/create-readers.ts";
import type { RepositoryFiles } from "../simulate/files.ts";
import { needsShell } from "../simulate/needs-shell.ts";
import { studyRepository } from "../simulate/study.ts";
import type { Text, Texts } from "../simulate/text.ts";
import { workflowPaths } from "../simulate/workflow-paths.ts";
import type { WantedPlatforms } from "../verify/subject.ts";
import { dayOf } from "./day.ts";
import { loadGrammars } from "./grammars.ts";

/** A build that publishes an image, as a workflow or bake file has it. */
interface Published {
  /** In full; a stretch that is not known is told apart from text. */
  readonly names: readonly Parts[];
  /** Undefined: not known. */
  readonly platforms: readonly Platform[] | undefined;
  readonly place: Place | undefined;
}

type Parts = readonly (string | object)[];

/**
 * The platforms for which the repository around `path` publishes an image, as its workflows and bake files say: those of the builds that push an image of this name, or,
 * where the name is not known, of all builds that push. Undefined where there is no repository, no such build, or where they do not agree.
 * @param reference  the image's name in a registry; undefined for one in a folder or file that tells none; a text that is no name counts as none
 */
export async function publishedPlatforms(path: string, reference: string | undefined, clock: Clock): Promise<WantedPlatforms | undefined> {
  const found = findRepository(path);
  if (found === undefined) return undefined;
  const files = openRepository(found.root);
  const all = [...(await ofWorkflows(files, clock)), ...ofBakeFiles(files)];
  const unnamed = reference === undefined || fullName(reference) === undefined;
  const named = unnamed ? all : sameTag(all, reference);
  const [first, ...rest] = named.map(({ platforms }) => platforms);
  if (first === undefined || first.length === 0 || rest.some((platforms) => platforms === undefined || keyOf(platforms) !== keyOf(first))) return undefined;
  const place = named.find((one) => one.place !== undefined)?.place;
  return {
    ...(unnamed ? { supposed: true } : {}),
    platforms: first,
    by: place === undefined ? found.shown : `${place.file.name}:${positionOf(place.file, place.span.start).line}`,
  };
}

async function ofWorkflows(files: RepositoryFiles, clock: Clock): Promise<readonly Published[]> {
  const paths = workflowPaths(files);
  if (paths.length === 0) return [];
  const readers = createReaders(files, needsShell(files, undefined) ? await loadGrammars() : {});
  const study = studyRepository(readers, { asOf: dayOf(undefined, clock), paths: undefined });
  const events = study.workflows.flatMap(({ jobs }) => jobs.flatMap(({ traces }) => traces.flatMap((trace) => trace.events)));
  return events.flatMap(({ operation }) => {
    if (operation.kind !== "build" || operation.onlyAsks || operation.tags.items.length === 0) return [];
    const { pushes, byDigest } = publishingOf(operation);
    if (pushes === false || byDigest === true) return [];
    return [{ names: operation.tags.items.map(({ parts }) => parts), platforms: platformsOf(operation.platforms), place: operation.platforms.place }];
  });
}

function ofBakeFiles(files: RepositoryFiles): readonly Published[] {
  const read = BAKE_DEFAULT_FILES.flatMap((name) => {
    const file = files.read(name);
    return file.kind === "text" ? [readBakeFile(file.file)] : [];
  });
  if (read.length === 0) return [];
  const { targets } = resolveBake(read, { targets: [], set: [], variables: new Map() });
  return targets
    .filter(({ linked, tags, platforms }) => !linked && tags.items.length > 0 && platforms.place !== undefined)
    .map(({ tags, platforms }) => ({ names: tags.items.map(({ parts }) => parts), platforms: platformsOf(platforms), place: platforms.place }));
}

/** Undefined where one of them is unknown, or none is named. */
function platformsOf(texts: Texts | BakeTexts): readonly Platform[] | undefined {
  if (texts.open || texts.items.length === 0) return undefined;
  const found = new Map<string, Platform>();
  for (const { parts } of texts.items as readonly Text[]) {
    if (parts.some((part) => typeof part !== "string")) return undefined;
    for (const word of parts.join("").split(",")) {
      try {
        const platform = parsePlatform(word.trim());
        found.set(formatPlatform(platform), platform);
      } catch (error) {
        if (isProblem(error)) return undefined;
        throw error;
      }
    }
  }
  return [...found.values()];
}

/** Those that give the image this very tag, where there are any; else those that give it its name. */
function sameTag(all: readonly Published[], reference: string): readonly Published[] {
  const { registry, repository, tag = "latest" } = parseReference(reference);
  const name = `${registry}/${repository}`;
  const sure = all.filter(({ names }) =>
    names.some((parts) => parts.every((part) => typeof part === "string") && fullName(parts.join("")) === `${name}:${tag}`),
  );
  return sure.length > 0 ? sure : all.filter(({ names }) => names.some((parts) => mayBe(parts, name)));
}

function fullName(text: string): string | undefined {
  try {
    const { registry, repository, tag = "latest" } = parseReference(text);
    return `${registry}/${repository}:${tag}`;
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

/** Stands for a stretch that is not known. */
const HOLE = "\u0001";

/** Whether a text with unknown stretches can name that repository. A text of which nothing is known could be any name, and tells nothing. */
function mayBe(parts: Parts, name: string): boolean {
  const form = parts.map((part) => (typeof part === "string" ? part : HOLE)).join("");
  const colon = form.lastIndexOf(":");
  const pieces = (colon > form.lastIndexOf("/") ? form.slice(0, colon) : form).split(HOLE);
  if (!pieces.some((piece) => /[a-z0-9]/.test(piece))) return false;
  const short = name.replace(/^docker\.io\/(?:library\/)?/, "");
  return [name, short].some((one) => fits(one, pieces));
}

/** Whether a text consists of these pieces in order, with anything between them. */
function fits(text: string, [first = "", ...rest]: readonly string[]): boolean {
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= text.length - last.length;
}

const keyOf = (platforms: readonly Platform[]): string => platforms.map(formatPlatform).sort().join(",");
