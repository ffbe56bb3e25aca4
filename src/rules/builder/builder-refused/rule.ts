import type { Place } from "../../../core/span.ts";
import { endpointOf } from "../../../simulate/endpoint.ts";
import type { CreateBuilder } from "../../../simulate/operation.ts";
import { textOf } from "../../../simulate/text.ts";
import type { Event } from "../../../simulate/trace.ts";
import { removeInput } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule, type Told } from "../../rule.ts";
import { sureness } from "../sureness.ts";

export const rule = defineRule({
  meta: {
    id: "builder-refused",
    summary: "a builder is asked for in a way in which none can be made",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["keep-state-wrong-driver", "buildx-tls-env", "kubernetes-driver-node-name"],
  },
  event(event, _, report) {
    const { operation } = event;
    if (operation.kind !== "create-builder" || operation.driver === "unknown") return;
    const told = keptState(event, operation) ?? kubernetesEndpoint(operation) ?? remoteWithout(event, operation) ?? tlsOfEnvironment(event, operation);
    if (told !== undefined) report({ ...told, confidence: sureness(event) });
  },
  step(step, _, report) {
    // With this driver the action makes no builder, and refuses the input all the same.
    if (step.action !== SETUP || word(step.inputs.get("driver")) !== "docker" || word(step.inputs.get("keep-state")) !== "true") return;
    report({ ...stateRefused("docker", step.step.uses?.scalar.span, step.place), confidence: step.runs === "yes" ? "certain" : "likely" });
  },
});

const SETUP = "docker/setup-buildx-action";
const word = (text: Parameters<typeof textOf>[0]): string => textOf(text)?.trim() ?? "";

function keptState({ step }: Event, { driver, keepState }: CreateBuilder): Told | undefined {
  if (!keepState || driver === "docker-container" || step.action !== SETUP) return undefined;
  return stateRefused(driver, step.step.uses?.scalar.span, step.place);
}

function stateRefused(driver: string, span: Place["span"] | undefined, place: Event["step"]["place"]): Told {
  return {
    message: `the state of a builder with driver "${driver}" cannot be kept`,
    place: { file: place.file, span: span ?? { start: 0, end: 0 } },
    log: { tool: SETUP, lines: [`Error: Cannot use keep-state with ${driver} driver`] },
    cause: "`keep-state` keeps the volume of the builder's container for the next run. Only the docker-container driver has such a container.",
    remedies: [remedy({ title: "take `keep-state` out", price: "nothing: there is no state to keep" }, [removeInput(place, "keep-state")])],
  };
}

function kubernetesEndpoint({ driver, endpoint, place }: CreateBuilder): Told | undefined {
  const address = endpoint === undefined ? undefined : textOf(endpoint);
  if (driver !== "kubernetes" || address === undefined || address === "") return undefined;
  return {
    message: "a builder with the kubernetes driver takes no endpoint",
    place,
    log: { tool: "docker buildx create", lines: [`ERROR: kubernetes driver does not support endpoint args "${address}"`] },
    cause: "The kubernetes driver starts its nodes in the cluster that the kubeconfig names. An endpoint is the address of a node that is there already.",
    remedies: [advice("leave the endpoint out, and name the cluster by KUBECONFIG and `driver-opts: namespace=…`", "nothing")],
  };
}

function remoteWithout({ before }: Event, { driver, endpoint, place, variables }: CreateBuilder): Told | undefined {
  const isGiven = endpoint !== undefined && endpoint.parts.length > 0;
  if (driver !== "remote" || isGiven || variables?.has("BUILDKIT_HOST") === true || before.variables.has("BUILDKIT_HOST")) return undefined;
  return {
    message: "a builder with the remote driver needs an endpoint",
    place,
    log: { tool: "docker buildx create", lines: ["ERROR: no remote endpoint provided"] },
    cause: "The remote driver only connects to a BuildKit daemon that runs elsewhere. Its address has to be told.",
    remedies: [advice("tell the address of the BuildKit daemon as `endpoint`", "nothing")],
  };
}

function tlsOfEnvironment({ before, step }: Event, { driver, endpoint, variables, place }: CreateBuilder): Told | undefined {
  // The action makes a context of its own for it, in all releases that are in use.
  if (driver !== "docker-container" || endpoint !== undefined || step.action === SETUP) return undefined;
  const set = (name: string): boolean =>
    (variables?.get(name) ?? before.variables.get(name))?.parts.length !== 0 && (variables?.has(name) === true || before.variables.has(name));
  if (!set("DOCKER_HOST") || (!set("DOCKER_TLS_VERIFY") && !set("DOCKER_TLS")) || endpointOf(before, variables).contextName !== "default") return undefined;
  return {
    message: "no builder can be made for a Docker whose TLS keys are told by variables",
    place,
    log: { tool: "docker buildx create", lines: [TLS_LINE] },
    cause:
      "A builder keeps the address of its Docker, and with it the TLS keys. With DOCKER_HOST and DOCKER_TLS_VERIFY the keys belong to no Docker context, so there is nothing that it could keep.",
    remedies: [advice("make a context of the variables, and the builder for it: `docker context create ci && docker buildx create --use ci`", "nothing")],
  };
}

const TLS_LINE =
  "ERROR: could not create a builder instance with TLS data loaded from environment. Please use `docker context create <context-name>` to create a context for current environment and then create a builder instance with context set to <context-name>";
