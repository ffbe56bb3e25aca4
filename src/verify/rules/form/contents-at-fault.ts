import type { ProblemCode, ProblemError } from "../../../core/problem.ts";
import type { Descriptor } from "../../../image/descriptor.ts";
import type { ImagePlace } from "../../finding.ts";
import type { Subject } from "../../subject.ts";
import { called, configPlace, documentPlace, layerUses } from "./places.ts";

/** Something that could not be read, or is not what it should be. */
export interface Fault {
  /** `the manifest`, `the config`, `layer 2`, `the attestation's statement`. */
  readonly what: string;
  readonly descriptor: Descriptor;
  readonly problem: ProblemError;
  readonly at: ImagePlace;
  readonly facts: readonly string[];
}

/** An absent blob, as registries, layouts and the store tell of it. */
export const ABSENT: readonly ProblemCode[] = ["registry-not-found", "layout-invalid", "store-damaged"];

/** Documents, configs, layers and what attestations hold, with a problem of one of these codes; each once, at its first place. */
export function faultsIn(subject: Subject, codes: readonly ProblemCode[]): readonly Fault[] {
  const ofDocuments = subject.documents.flatMap((document): Fault[] =>
    document.problem === undefined
      ? []
      : [{ what: called(document), descriptor: document.descriptor, problem: document.problem, at: documentPlace(document, subject), facts: [] }],
  );
  const ofConfigs = subject.images.flatMap(({ name, manifest, config }): Fault[] =>
    config.problem === undefined || config.problem === manifest.problem
      ? []
      : [{ what: "the config", descriptor: config.descriptor, problem: config.problem, at: { ...configPlace(config), platform: name }, facts: [] }],
  );
  const ofAttestations = subject.attestations.flatMap(({ contents }) =>
    contents.flatMap(({ where, descriptor, problem }): Fault[] =>
      problem === undefined
        ? []
        : [{ what: `the attestation's ${where.endsWith("config") ? "config" : "statement"}`, descriptor, problem, at: { document: where }, facts: [] }],
    ),
  );
  const ofLayers = layerUses(subject).flatMap(({ layer, at, facts }): Fault[] =>
    layer.problem === undefined ? [] : [{ what: `layer ${layer.number}`, descriptor: layer.descriptor, problem: layer.problem, at, facts }],
  );
  const first = new Map<string, Fault>();
  for (const fault of [...ofDocuments, ...ofConfigs, ...ofLayers, ...ofAttestations]) {
    const key = `${fault.descriptor.digest} ${fault.descriptor.size} ${fault.what}`;
    if (codes.includes(fault.problem.code) && !first.has(key)) first.set(key, fault);
  }
  return [...first.values()];
}
