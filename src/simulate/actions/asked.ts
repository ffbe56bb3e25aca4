import type { Place } from "../../core/span.ts";
import type { ActionOutcome } from "../action-model.ts";
import type { Driver } from "../environment.ts";
import type { Build, CreateBuilder, LogIn, Operation, Through } from "../operation.ts";
import { type Hole, NO_TEXTS, OFF, type Text, type Texts, textOf } from "../text.ts";

/** A build of which only `told` was asked. */
export const buildOf = (place: Place, through: Through, told: Partial<Omit<Build, "kind" | "place" | "through">> = {}): Build => ({
  kind: "build",
  place,
  through,
  name: undefined,
  builder: undefined,
  platforms: NO_TEXTS,
  tags: NO_TEXTS,
  push: OFF,
  load: OFF,
  outputs: NO_TEXTS,
  cacheTo: NO_TEXTS,
  cacheFrom: NO_TEXTS,
  provenance: undefined,
  sbom: undefined,
  attests: NO_TEXTS,
  annotations: NO_TEXTS,
  labels: NO_TEXTS,
  file: undefined,
  inline: undefined,
  context: undefined,
  gitContext: false,
  stage: undefined,
  buildArgs: NO_TEXTS,
  buildContexts: NO_TEXTS,
  secrets: NO_TEXTS,
  network: undefined,
  allow: NO_TEXTS,
  manifest: undefined,
  onlyAsks: false,
  ...told,
});

/** A builder of which only `told` was asked; it is made current unless told. */
export const builderOf = (place: Place, driver: Driver, told: Partial<Omit<CreateBuilder, "kind" | "place" | "driver">> = {}): CreateBuilder => ({
  kind: "create-builder",
  place,
  driver,
  name: undefined,
  endpoint: undefined,
  driverOptions: NO_TEXTS,
  platforms: NO_TEXTS,
  use: true,
  append: false,
  config: undefined,
  keepState: false,
  buildxVersion: undefined,
  ...told,
});

export const logInOf = (place: Place, told: Partial<Omit<LogIn, "kind" | "place">>): LogIn => ({
  kind: "log-in",
  place,
  registry: undefined,
  username: undefined,
  password: undefined,
  tool: "docker",
  ...told,
});

export const outcome = (operations: readonly Operation[], outputs: Readonly<Record<string, Text | undefined>> = {}): ActionOutcome => ({
  operations,
  outputs: new Map(Object.entries(outputs).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]))),
});

export const NOTHING: ActionOutcome = { operations: [], outputs: new Map() };

/** A text that only the run can tell. */
export const unknownText = (source: string, place: Place): Text => ({ parts: [{ source, atoms: [] } satisfies Hole], place });

export const textsOf = (items: readonly Text[], place: Place): Texts => ({ items, open: false, place });

/** Texts put together, with known stretches joined. */
export function joined(place: Place, ...pieces: readonly (string | Text | undefined)[]): Text {
  const parts: (string | Hole)[] = [];
  for (const piece of pieces.flatMap((one) => (typeof one === "object" ? one.parts : [one ?? ""]))) {
    const last = parts.at(-1);
    if (typeof piece === "string" && typeof last === "string") parts[parts.length - 1] = last + piece;
    else if (piece !== "") parts.push(piece);
  }
  return { parts, place };
}

/** A text's known value in lower case, for keywords. */
export const wordOf = (text: Text | undefined): string | undefined => textOf(text)?.toLowerCase();

/** Several lists as one. */
export const bothTexts = (...lists: readonly Texts[]): Texts => ({
  items: lists.flatMap(({ items }) => items),
  open: lists.some(({ open }) => open),
  place: lists.find(({ place }) => place !== undefined)?.place,
});
