import type { SourceFile } from "../../../core/span.ts";
import type { Step } from "../../../workflow/model.ts";
import { actionOf, inputText, stepsNamed, textOfStep, variablesNamed } from "./step-words.ts";

/** Steps that only a build needs. */
const OF_BUILDS =
  /^(?:docker\/setup-qemu-action|actions\/cache(?:\/.*)?|jlumbroso\/free-disk-space|easimon\/maximize-build-space|endersonmenezes\/free-disk-space)$/;
/** Steps by which a job may do what it does at all. */
const OF_JOBS =
  /^(?:docker\/(?:login-action|setup-buildx-action|setup-docker-action)|aws-actions\/.*|google-github-actions\/auth|azure\/(?:docker-)?login|redhat-actions\/podman-login|step-security\/harden-runner|hashicorp\/vault-action|1password\/load-secrets-action)$/;
/** Steps that look at nothing but their inputs. */
const OF_INPUTS =
  /^(?:docker\/.*|aws-actions\/.*|azure\/.*|google-github-actions\/auth|step-security\/.*|sigstore\/cosign-installer|actions\/attest.*|hashicorp\/.*|1password\/.*|rlespinasse\/.*|actions\/create-github-app-token)$/;

/**
 * Which of the steps before the build the merging job has to repeat: log-ins and the builder, what later steps name, what they may find in the
 * environment, and, where a script comes later, all that may have made what it finds in the workspace.
 * @param texts  what the merging job says itself: tags, conditions, outputs of the job
 * @param after  the steps behind the build that go there
 * @param given  variables that workflow and job set themselves, in lower case: others come from a step
 */
export function carriedSteps(
  file: SourceFile,
  before: readonly Step[],
  texts: readonly string[],
  after: readonly Step[],
  given: ReadonlySet<string>,
): ReadonlySet<Step> {
  const carried = new Set<Step>();
  const named = new Set<string>();
  const hear = (text: string): void => {
    for (const id of stepsNamed(text)) named.add(id);
  };
  texts.forEach(hear);
  for (const step of after) hear(textOfStep(file, step));
  let looks =
    after.some(looksAround) || [...texts, ...after.map((step) => textOfStep(file, step))].some((text) => variablesNamed(text).some((name) => !given.has(name)));
  for (const step of before.toReversed()) {
    const action = actionOf(step) ?? "";
    const isAsked = step.id !== undefined && named.has(step.id.text.toLowerCase());
    const isOfBuild = OF_BUILDS.test(action);
    const isWanted =
      isAsked || OF_JOBS.test(action) || writesEnvironment(step) || (!isOfBuild && (looks || (after.length > 0 && action.endsWith("-installer"))));
    if (!isWanted) continue;
    carried.add(step);
    hear(textOfStep(file, step));
    looks ||= looksAround(step);
  }
  return carried;
}

/** What a script exports, later steps may use without a word. */
const writesEnvironment = ({ run }: Step): boolean => run !== undefined && /GITHUB_(?:ENV|PATH)\b|::set-env|::add-path/.test(run.text);

/** A script that only prints looks at nothing, but for variables that a step before it may have set. */
const PRINTS = /^\s*(?:#.*|(?:echo|printf)\s(?:(?!\$\(|\$(?!\{\{|\{?(?:GITHUB|RUNNER)_)|`|[^>]>\s*[^>"$&]).)*|\{|\})?\s*$/;

/** Whether a step may look at the workspace, or at what steps before it installed. */
function looksAround(step: Step): boolean {
  if (step.run !== undefined) return !step.run.text.split("\n").every((line) => PRINTS.test(line));
  const action = actionOf(step);
  if (action === "docker/metadata-action") return inputText(step, "context") === "git";
  if (action === "actions/checkout" || action?.startsWith("actions/setup-") === true) return false;
  return action === undefined || !OF_INPUTS.test(action);
}

/** Whether a step behind the build belongs to the machine that built: it keeps the cache. */
export function staysWithBuild(step: Step, localCache: string | undefined): boolean {
  if (/^actions\/cache(?:\/|$)/.test(actionOf(step) ?? "")) return true;
  const folder = localCache?.replace(/-new$/, "");
  return folder !== undefined && step.run?.text.includes(folder) === true && stepsNamed(step.run.text).size === 0;
}
