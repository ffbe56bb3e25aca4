import { nearest } from "../../core/nearest.ts";
import { actionFacts, type InputFacts } from "../../facts/actions.ts";
import { renamedInput } from "../../facts/inputs.ts";

/** What someone who gives an input that is not there probably wants. */
export type InputMeant =
  /** Another input of the same action. `certain`: it was called so, or differs in dashes only. */
  | { readonly kind: "renamed"; readonly to: string; readonly certain: boolean }
  /** It is an input of another action. */
  | { readonly kind: "moved"; readonly action: string }
  | { readonly kind: "unknown" };

/** Actions whose inputs people give to builds, and that stand in the same job. */
const NEIGHBOURS = ["docker/setup-buildx-action", "docker/login-action", "docker/setup-qemu-action", "docker/metadata-action", "docker/build-push-action"];

/** @param known  inputs of the action as the step uses it */
export function inputMeant(action: string, name: string, known: readonly InputFacts[]): InputMeant {
  const wanted = name.toLowerCase();
  const has = (other: string | undefined): other is string => other !== undefined && known.some((input) => input.name === other);
  const renamed = renamedInput(action, wanted);
  if (has(renamed)) return { kind: "renamed", to: renamed, certain: true };
  const spelt = known.filter((input) => bare(input.name) === bare(wanted));
  if (spelt.length === 1) return { kind: "renamed", to: (spelt[0] as InputFacts).name, certain: true };
  const isDocker = action.startsWith("docker/");
  const elsewhere = isDocker ? NEIGHBOURS.find((other) => other !== action && isInputNow(other, wanted)) : undefined;
  if (elsewhere !== undefined) return { kind: "moved", action: elsewhere };
  const near = nearest(
    wanted,
    known.map((input) => input.name),
  );
  return near === undefined ? { kind: "unknown" } : { kind: "renamed", to: near, certain: false };
}

/** Without dashes, underscores and the plural. */
const bare = (name: string): string => name.replace(/[-_]/g, "").replace(/s$/, "");

const isInputNow = (action: string, name: string): boolean =>
  actionFacts(action)?.inputs.some((input) => input.name === name && (input.removed === undefined || name === "install")) === true;
