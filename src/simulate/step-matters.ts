import type { Build, Operation, OperationKind } from "./operation.ts";
import type { Switch, Text, Texts } from "./text.ts";

/** Operations for which it is worth to see both ways when nobody knows whether they happen. */
const WEIGHTY: ReadonlySet<OperationKind> = new Set([
  "build",
  "create-builder",
  "use-builder",
  "remove-builder",
  "install-buildx",
  "use-context",
  "create-context",
  "start-daemon",
  "install-emulators",
  "log-in",
  "push-image",
  "create-index",
  "push-index",
]);

/** Variables that decide which builder a build uses. */
const BUILDER_VARIABLES = /^(?:DOCKER_|BUILDX_|BUILDKIT_)/;

/** Whether it is worth a split that these may happen or not. `text`: where a variable's name would stand if something used it. */
export function matters(operations: readonly Operation[], text: string): boolean {
  return operations.some((operation) =>
    operation.kind === "set-variable" ? BUILDER_VARIABLES.test(operation.name) || isNamedTwice(operation.name, text) : WEIGHTY.has(operation.kind),
  );
}

function isNamedTwice(name: string, text: string): boolean {
  const first = text.indexOf(name);
  return first !== -1 && text.includes(name, first + name.length);
}

/** Inputs that decide what a step does to the machine, or what it builds. */
const KEY_INPUTS: readonly string[] = [
  "platforms",
  "push",
  "load",
  "output",
  "outputs",
  "builder",
  "driver",
  "driver-opts",
  "use",
  "install",
  "endpoint",
  "append",
  "cache-to",
  "provenance",
  "sbom",
  "attests",
  "registry",
  "daemon-config",
  "context",
  "set-host",
  "version",
  "file",
  "files",
  "target",
  "targets",
  "set",
  "image",
];

/** What to assume, to know what a step asks for: the first atom of what decides it. */
export function keyAtom(operations: readonly Operation[], inputs: ReadonlyMap<string, Text>): string | undefined {
  if (operations.length === 0) return undefined;
  for (const name of KEY_INPUTS) {
    const atom = atomOf(inputs.get(name));
    if (atom !== undefined) return atom;
  }
  for (const operation of operations) {
    const atom = operation.kind === "build" ? atomOfBuild(operation) : operation.kind === "log-in" ? atomOf(operation.registry) : undefined;
    if (atom !== undefined) return atom;
  }
  return undefined;
}

const atomOfBuild = (build: Build): string | undefined =>
  atomOfTexts(build.platforms) ??
  atomOfSwitch(build.push) ??
  atomOfSwitch(build.load) ??
  atomOfTexts(build.outputs) ??
  atomOf(build.builder) ??
  atomOfTexts(build.cacheTo) ??
  atomOf(build.provenance) ??
  atomOf(build.sbom) ??
  atomOfTexts(build.attests) ??
  atomOf(build.file);

function atomOf(text: Text | undefined): string | undefined {
  for (const part of text?.parts ?? []) if (typeof part !== "string" && part.atoms[0] !== undefined) return part.atoms[0];
  return undefined;
}

const atomOfTexts = (texts: Texts): string | undefined => texts.items.map(atomOf).find((atom) => atom !== undefined);

const atomOfSwitch = ({ value, atoms }: Switch): string | undefined => (value === undefined ? atoms[0] : undefined);
