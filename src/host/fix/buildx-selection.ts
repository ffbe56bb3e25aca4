import type { HostFacts } from "../facts.ts";
import type { HostChange } from "./change.ts";

/** By which the builder of the current context goes. */
export const contextName = (facts: HostFacts): string => (facts.endpoint.known ? (facts.endpoint.value.context ?? "default") : "default");

/** Chooses it for the current endpoint, where it is not chosen yet. A variable of the environment wins, and is the user's. */
export function selection(facts: HostFacts, name: string): { readonly changes: readonly HostChange[]; readonly notes: readonly string[] } {
  const selected = facts.selected.known ? facts.selected.value : undefined;
  if (selected?.builder === name) return { changes: [], notes: [] };
  if (selected?.chosenBy === "BUILDX_BUILDER") {
    return {
      changes: [],
      notes: [`BUILDX_BUILDER is set, and wins over every selection: set it to "${name}", or unset it and run \`docker buildx use ${name}\``],
    };
  }
  const before = selected?.chosenBy === "selection" ? selected.builder : undefined;
  const change: HostChange = {
    kind: "select",
    name,
    before,
    command: ["docker", "buildx", "use", name],
    // Buildx keeps a selection for an endpoint, which may be another one by the time that this is taken back.
    undo: ["docker", ...atEndpoint(facts), "buildx", "use", before ?? contextName(facts)],
    about: `\`docker buildx build\` takes the builder "${name}" from now on${before === undefined ? "" : `, and "${before}" no more`}`,
  };
  return { changes: [change], notes: [] };
}

function atEndpoint(facts: HostFacts): readonly string[] {
  if (!facts.endpoint.known) return [];
  const { context, address } = facts.endpoint.value;
  if (context !== undefined) return ["--context", context];
  // What is kept and shown holds no secrets; then the environment has to say it again.
  return /\/\/[^/@]*:[^/@]*@/.test(address) ? [] : ["--host", address];
}
