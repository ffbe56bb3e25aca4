import type { Place } from "../../src/core/span.ts";
import { builderOf, buildOf } from "../../src/simulate/actions/asked.ts";
import { applyOperation } from "../../src/simulate/effects/apply.ts";
import type { Environment } from "../../src/simulate/environment.ts";
import type { Build, CreateBuilder, Operation, StartDaemon } from "../../src/simulate/operation.ts";
import { runnerOf, startEnvironment } from "../../src/simulate/runner.ts";
import { type Hole, knownText, type Switch, type Text, type Texts } from "../../src/simulate/text.ts";

/** Pieces of a simulation, made by hand: what tests of effects, builders and checks start from. */

const FILE = { name: "workflow.yml", text: "" };
let places = 0;
/** A place that is no other one. */
export const aPlace = (): Place => ({ file: FILE, span: { start: ++places, end: places + 1 } });

export const text = (value: string | readonly (string | Hole)[]): Text =>
  typeof value === "string" ? knownText(value, aPlace()) : { parts: value, place: aPlace() };
export const hole = (source: string, choices?: readonly string[]): Hole => ({ source, atoms: [source], choices });
export const texts = (...items: readonly (string | Text)[]): Texts => ({
  items: items.map((item) => (typeof item === "string" ? text(item) : item)),
  open: false,
  place: aPlace(),
});
export const ON: Switch = { value: true, atoms: [], place: undefined };
export const MAYBE: Switch = { value: undefined, atoms: ["inputs.push"], place: undefined };

export const aBuild = (parts: Partial<Build> = {}): Build => ({ ...buildOf(aPlace(), "docker buildx build"), ...parts });

export const aBuilder = (name: string, parts: Partial<CreateBuilder> = {}): CreateBuilder => ({
  ...builderOf(aPlace(), "docker-container", { name: text(name) }),
  ...parts,
});

/** As docker/setup-docker-action starts one. */
export function aDaemon(parts: Partial<StartDaemon> = {}): StartDaemon {
  return {
    kind: "start-daemon",
    place: aPlace(),
    context: "setup-docker-action",
    version: "latest",
    config: undefined,
    store: undefined,
    rootless: false,
    ...parts,
  };
}

/** The machine of a job before its first step. */
export const machine = (label = "ubuntu-24.04", asOf = "2026-08-21"): Environment => startEnvironment(runnerOf(texts(label), { asOf, place: aPlace() }), asOf);

/** The environment after operations that are sure. */
export function performed(environment: Environment, operations: readonly Operation[], asOf = "2026-08-21"): Environment {
  return operations.reduce((now, operation) => applyOperation(operation, now, { sure: true, asOf }), environment);
}
