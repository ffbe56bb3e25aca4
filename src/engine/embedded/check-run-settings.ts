import { type ProblemCode, ProblemError } from "../../core/problem.ts";
import { csvFields } from "../../dockerfile/mount.ts";
import type { BuildPlan, RunVertex } from "../../plan/graph.ts";
import type { RunSettings } from "../run-settings.ts";
import { runMounts } from "./run-mounts.ts";
import { whereIs } from "./where-is.ts";

/**
 * What a plan's RUN steps want and do not get, each told once.
 * @returns problems `secret-missing` | `entitlement-missing` | `feature-unsupported` | `dockerfile-semantics`
 */
export function checkRunSettings(plan: BuildPlan, settings: RunSettings): ProblemError[] {
  const problems = new Map<string, ProblemError>();
  for (const vertex of plan.vertices) {
    if (vertex.kind !== "run") continue;
    for (const problem of checkRun(vertex, settings)) {
      const told = placed(vertex, problem);
      if (!problems.has(told.message)) problems.set(told.message, told);
    }
  }
  return [...problems.values()];
}

export const missingSecret = (id: string): ProblemError =>
  new ProblemError("secret-missing", {
    message: `RUN requires the secret "${id}", which was not given`,
    hint: `give it with --secret id=${id},src=FILE or --secret id=${id},env=VARIABLE`,
    facts: { secret: id },
  });

export const missingAgent = (id: string): ProblemError =>
  new ProblemError("secret-missing", {
    message: `RUN requires the SSH agent "${id}", which was not given`,
    hint: `give it with --ssh ${id} (the agent of SSH_AUTH_SOCK) or --ssh ${id}=SOCKET|KEY`,
    facts: { agent: id },
  });

/** Says where in the Dockerfile. */
function placed(vertex: RunVertex, { code, message, hint, facts }: ProblemError): ProblemError {
  const where = whereIs(vertex);
  return new ProblemError(code, { message: `${where}: ${message}`, hint, facts: { where, ...facts } });
}

function* checkRun(vertex: RunVertex, settings: RunSettings): Generator<ProblemError> {
  const problem = (code: ProblemCode, message: string, hint: string): ProblemError => new ProblemError(code, { message, hint });
  if (vertex.security === "insecure")
    yield problem(
      "feature-unsupported",
      "RUN --security=insecure asks for all rights on the machine, and the embedded engine gives none away",
      "leave --security out, or build it with docker buildx build --allow security.insecure",
    );
  if (vertex.network === "host" && !settings.entitlements.has("network.host"))
    yield problem("entitlement-missing", "RUN --network=host asks for the machine's network", "grant it with --allow network.host");
  for (const device of vertex.devices) {
    if (isRequired(device))
      yield problem(
        "feature-unsupported",
        `RUN asks for the device "${device}", and the embedded engine has none`,
        "leave --device out, or build it with docker buildx build",
      );
  }
  const { mounts, variables } = runMounts(vertex);
  if (vertex.mounts.some(({ type, options }) => type === "ssh" && options.source))
    yield problem("dockerfile-semantics", "an ssh mount has no source", "name the agent with id=");
  if (variables.some(({ name }) => name === "" || name.includes("=")))
    yield problem("dockerfile-semantics", "a secret mount has an env that cannot be the name of a variable", "write env=NAME");
  for (const mount of mounts) {
    if (mount.target === "/") yield problem("dockerfile-semantics", "a mount cannot be at /", "give it another target");
    if (`${mount.target}/`.startsWith("/proc/"))
      yield problem("dockerfile-semantics", `a mount cannot be in /proc, as in "${mount.target}"`, "give it another target");
    if (mount.kind === "agent" && mount.required && !settings.agents.has(mount.id)) yield missingAgent(mount.id);
    if (mount.kind === "secret" && mount.required && !settings.secrets.has(mount.id)) yield missingSecret(mount.id);
  }
  for (const { secret, required } of variables) if (required && !settings.secrets.has(secret)) yield missingSecret(secret);
}

/** The last of a field counts; the name's own field is none of them. */
function isRequired(device: string): boolean {
  const told = csvFields(device).filter((field) => /^required(?:=|$)/i.test(field));
  return told.length > 0 && /^required(?:=(?:1|t|true))?$/i.test(told.at(-1) as string);
}
