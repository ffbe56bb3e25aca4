import type { FileEdit } from "../../findings/finding.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import { newestAs } from "./actions.ts";
import { insertSteps } from "./insert-step.ts";

/** A log-in step in front of another, where user and password are known for sure: `ghcr.io` with the job's token. Undefined for every other registry. */
export function addLogIn(before: StepPlace, registry: string, asOf: string): FileEdit | undefined {
  const action = newestAs(before.file, "docker/login-action", asOf);
  if (registry !== "ghcr.io" || action === undefined) return undefined;
  // Steps of composite actions have no secrets.
  const token = before.route[0] === "jobs" ? "secrets.GITHUB_TOKEN" : "github.token";
  const inputs = { registry, username: `\${{ github.actor }}`, password: `\${{ ${token} }}` };
  return insertSteps([{ name: "Log in to ghcr.io", ...action, with: inputs }], "before", before);
}
