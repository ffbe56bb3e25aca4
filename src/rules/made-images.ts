import { isProblem } from "../core/problem.ts";
import { formatReference, parseReference } from "../core/reference.ts";
import type { Operation } from "../simulate/operation.ts";
import { type Text, textOf } from "../simulate/text.ts";
import type { Study } from "../simulate/trace.ts";

/** Whether the workflows of a repository make an image of that repository's name: a registry cannot tell then what a build will find there. */
export type MadeHere = (reference: string) => "yes" | "maybe" | "no";

/** Names that are wholly unknown are left out: those are of what is published, not of what is built upon. */
export function madeImages(study: Study): MadeHere {
  const names = new Map<string, Text>();
  for (const { jobs } of study.workflows) {
    for (const { traces } of jobs) {
      for (const { operation } of traces.flatMap(({ events }) => events))
        for (const name of namesMadeBy(operation)) names.set(JSON.stringify(name.parts), name);
    }
  }
  const patterns = [...names.values()].flatMap(patternOf);
  return (reference) => {
    const repository = repositoryOf(reference);
    const found = patterns.filter(({ pattern }) => repository !== undefined && pattern.test(repository));
    return found.length === 0 ? "no" : found.some(({ sure }) => sure) ? "yes" : "maybe";
  };
}

function namesMadeBy(operation: Operation): readonly Text[] {
  const { kind } = operation;
  if (kind === "build") return [...operation.tags.items, ...operation.outputs.items.flatMap(nameOfOutput)];
  if (kind === "push-image") return some(operation.image);
  if (kind === "tag-image") return operation.targets.items;
  if (kind === "create-index") return operation.names.items;
  return kind === "push-index" ? some(operation.name) : [];
}

const some = (name: Text | undefined): readonly Text[] => (name === undefined ? [] : [name]);

/** `type=image,name=ghcr.io/a/b,push=true`, where it is known. */
const nameOfOutput = (output: Text): readonly Text[] => {
  const name = /(?:^|,)"?name=([^,"]+)/.exec(textOf(output) ?? "")?.[1];
  return name === undefined ? [] : [{ parts: [name], place: output.place }];
};

/** Holes match anything; it is sure when the last word of the name is known, at least in part. */
function patternOf({ parts }: Text): readonly { readonly pattern: RegExp; readonly sure: boolean }[] {
  if (parts.every((part) => typeof part !== "string")) return [];
  const form = parts.map((part) => (typeof part === "string" ? part : HOLE)).join("");
  const name = form.replace(/@.*$/s, "").replace(/:[^/:]*$/, "");
  const full = name.includes(HOLE) ? name : repositoryOf(name);
  if (full === undefined || !/[a-z0-9]/i.test(full)) return [];
  const all = full.split(HOLE).map((word) => word.replaceAll(/[^\w/-]/g, "\\$&"));
  const words = all.length > MOST_HOLES + 1 ? [all[0], all.at(-1)] : all;
  return [{ pattern: new RegExp(`^(?:docker\\.io/(?:library/)?)?${words.join(".+")}$`), sure: /[a-z0-9]/i.test(full.slice(full.lastIndexOf("/") + 1)) }];
}

const HOLE = "\u0001";
/** Each is tried at every place; of more only the ends are looked at. */
const MOST_HOLES = 4;

function repositoryOf(reference: string): string | undefined {
  try {
    const { registry, repository } = parseReference(reference);
    return formatReference({ registry, repository });
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}
