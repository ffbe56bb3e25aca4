import type { ActionStep, GithubFacts } from "../../src/simulate/action-model.ts";
import { actionModelFor } from "../../src/simulate/actions/registry.ts";
import type { Environment } from "../../src/simulate/environment.ts";
import type { FileRead } from "../../src/simulate/files.ts";
import { defaultInputs, inputsOf } from "../../src/simulate/inputs.ts";
import type { Operation } from "../../src/simulate/operation.ts";
import { type Hole, type Switch, shownText, type Text, type Texts } from "../../src/simulate/text.ts";

const FILE = { name: "workflow.yml", text: "" };
export const PLACE = { file: FILE, span: { start: 0, end: 0 } };

/** A text as a workflow writes it: each `${{ source }}` is a hole that hangs on that source, or on one of `choices`. */
export function writtenText(written: string, choices: Readonly<Record<string, readonly string[]>> = {}): Text {
  const parts: (string | Hole)[] = written
    .split(/(\$\{\{.*?\}\})/)
    .filter((part) => part !== "")
    .map((part) => {
      if (!part.startsWith("${{")) return part;
      const source = part.slice(3, -2).trim();
      return { source, atoms: [source], ...(choices[source] === undefined ? {} : { choices: choices[source] }) };
    });
  return { parts, place: PLACE };
}

export interface GivenStep {
  readonly major?: number | undefined;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly github?: Partial<GithubFacts>;
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Partial<Environment>;
}

const GITHUB: GithubFacts = {
  event: "push",
  ref: "refs/heads/main",
  refName: "main",
  refType: "branch",
  defaultBranch: "main",
  repository: "octo/app",
  isPrivate: undefined,
};
const UNKNOWN_RUNNER = {
  labels: [],
  os: undefined,
  architecture: undefined,
  kind: "unknown",
  image: undefined,
  fact: { sentence: "", place: undefined },
  container: undefined,
} as const;

/** An environment in which nothing was done yet. */
export const bareEnvironment = (told: Partial<Environment> = {}): Environment => ({
  runner: UNKNOWN_RUNNER,
  buildxVersion: undefined,
  contexts: new Map(),
  context: "default",
  builders: new Map(),
  selected: undefined,
  buildIsBuildx: false,
  emulators: { architectures: new Set(), open: false, fact: undefined },
  logins: [],
  variables: new Map(),
  images: [],
  services: [],
  files: [],
  doubts: [],
  ...told,
});

/** What an action does with these inputs: its operations and outputs as short lines. */
export function actionDoes(name: string, step: GivenStep): { readonly operations: readonly string[]; readonly outputs: Readonly<Record<string, string>> } {
  const model = actionModelFor(name);
  if (model === undefined) throw new Error(`no model of ${name}`);
  const given = Object.entries(step.with ?? {}).map(([key, value]) => ({ name: key, value: writtenText(value), place: PLACE }));
  const asked: ActionStep = {
    place: PLACE,
    ref: `v${step.major ?? ""}`,
    major: step.major,
    id: "x",
    inputs: inputsOf(given, defaultInputs(name, step.major, PLACE)),
    variables: new Map(Object.entries(step.env ?? {}).map(([key, value]) => [key, writtenText(value)])),
    github: { ...GITHUB, ...step.github },
    readers: { files: { read: reader(step.files ?? {}), list: () => [] }, shell: undefined, complain: () => undefined },
  };
  const { operations, outputs } = model.model(asked, bareEnvironment(step.environment));
  return { operations: operations.map(printed), outputs: Object.fromEntries([...outputs].map(([key, text]) => [key, shownText(text)])) };
}

function reader(files: Readonly<Record<string, string>>): (path: string) => FileRead {
  return (path) => {
    const text = files[path];
    return text === undefined ? { kind: "missing" } : { kind: "text", file: { name: path, text } };
  };
}

/** `create-builder driver=docker-container name=builder-x use`: what is absent, empty or off is not printed. */
export function printed(operation: Operation): string {
  const { kind, place: _, ...fields } = operation;
  return [kind, ...Object.entries(fields).flatMap(([name, value]) => printedField(name, value))].join(" ");
}

function printedField(name: string, value: unknown): string[] {
  if (value === undefined || value === false) return [];
  if (value === true) return [name];
  if (value === null) return [`${name}=?`];
  if (typeof value === "string") return [`${name}=${value.replaceAll("\n", "\\n")}`];
  if (Array.isArray(value)) return [`${name}=[${value.join(" ")}]`];
  if (isText(value)) return [`${name}=${shownText(value).replaceAll("\n", "\\n")}`];
  if (isTexts(value)) {
    const items = [...value.items.map((item) => shownText(item)), ...(value.open ? ["…"] : [])];
    return items.length === 0 ? [] : [`${name}=[${items.join(" ")}]`];
  }
  const { value: on } = value as Switch;
  return on === false ? [] : [on === true ? name : `${name}=?`];
}

const isText = (value: unknown): value is Text => typeof value === "object" && value !== null && "parts" in value;
const isTexts = (value: unknown): value is Texts => typeof value === "object" && value !== null && "items" in value;
