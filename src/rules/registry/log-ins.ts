import type { Environment, Login } from "../../simulate/environment.ts";
import { shownText, textOf } from "../../simulate/text.ts";
import type { Event, Trace, TracedStep } from "../../simulate/trace.ts";
import { DOCKER_HUB, type ImageName } from "./image-name.ts";

/** `maybe`: a log-in to a registry whose name nobody knows, or one that may not have run. `refused`: one that has nothing to log in with. */
export type LoggedIn = "yes" | "maybe" | "refused" | "no";

const ORDER: readonly LoggedIn[] = ["yes", "maybe", "refused", "no"];

/** Whether the job has a log-in for the registry of an image at that moment. */
export function loggedIn({ logins }: Environment, image: ImageName): LoggedIn {
  const answers = logins.map((login) => answerOf(login, image));
  return ORDER.find((one) => answers.includes(one)) ?? "no";
}

function answerOf(login: Login, image: ImageName): LoggedIn {
  const registry = textOf(login.registry);
  const same = registry === undefined ? shownText(login.registry) === image.shownHost : isFor(registry, image.host);
  if (same) return login.works === false ? "refused" : login.works === true ? "yes" : "maybe";
  return registry === undefined || image.host === undefined ? "maybe" : "no";
}

/** A log-in counts for one host; some registries have a second name for it. */
const isFor = (registry: string, host: string | undefined): boolean => registry === host || (host === DOCKER_HUB && registry.endsWith("docker.io"));

const HINTS =
  /\blog-?in\b|--(?:src-|dest-)?creds\b|authfile|docker-credential|cred(?:ential)?s?[-_]?helper|config\.json|DOCKER_CONFIG|DOCKER_AUTH|auth\.json|configure-docker|\bauth\b/i;

/** A step up to here logs in, perhaps, in a way that nobody understood: a script that speaks of it, or variables that hold credentials. */
export function mayLogInUnseen(trace: Trace, event: Event): boolean {
  if (
    ["DOCKER_CONFIG", "DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE"].some(
      (name) => event.before.variables.has(name) || event.operation.variables?.has(name) === true,
    )
  )
    return true;
  const seen = new Set(trace.events.filter(({ operation }) => operation.kind === "log-in").map(({ step }) => step));
  return trace.steps.some((step) => step.index <= event.step.index && step.runs !== "no" && !seen.has(step) && speaksOfLogIn(step));
}

const speaksOfLogIn = ({ step }: TracedStep): boolean => step.run !== undefined && HINTS.test(step.run.text);
