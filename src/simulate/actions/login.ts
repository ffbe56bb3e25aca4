import type { ActionModel, ActionStep } from "../action-model.ts";
import { marked, unmarked } from "../marked-text.ts";
import type { LogIn } from "../operation.ts";
import { knownText, type Text } from "../text.ts";
import { logInOf, outcome, unknownText, wordOf } from "./asked.ts";
import { listValue, mapValue, textValue, yamlValue } from "./yaml-value.ts";

/** docker/login-action: one registry, or since v3.6 a list of them in YAML. */
export const login: ActionModel = {
  uses: ["docker/login-action"],
  model: (step) => {
    const { inputs, place } = step;
    const several = inputs.text("registry-auth");
    if (several !== undefined) return outcome(logInsOf(several, step));
    return outcome([logInOf(place, { registry: inputs.text("registry"), username: credential(step, "username"), password: credential(step, "password") })]);
  },
};

/** One that is given and empty, as secrets are that a run does not get, is not the same as none. */
function credential({ inputs }: ActionStep, name: string): Text | undefined {
  const given = inputs.names.find((one) => one.name.toLowerCase() === name);
  return inputs.text(name) ?? (given === undefined ? undefined : knownText("", given.place));
}

function logInsOf(several: Text, { place }: ActionStep): LogIn[] {
  const { string, holes } = marked(several);
  const list = listValue(yamlValue("registry-auth", string));
  // Somewhere it logs in, and nobody knows where.
  if (list === undefined) return [logInOf(place, { registry: several })];
  return list.map((item) => {
    const of = (name: string): Text | undefined => {
      const value = textValue(mapValue(item)?.[name]);
      return value === undefined || value === "" ? undefined : unmarked(value, holes, several.place);
    };
    return logInOf(place, { registry: of("registry"), username: of("username"), password: of("password") });
  });
}

export const podmanLogin: ActionModel = {
  uses: ["redhat-actions/podman-login"],
  model: ({ inputs, place }) =>
    outcome([logInOf(place, { registry: inputs.text("registry"), username: inputs.text("username"), password: inputs.text("password"), tool: "podman" })]),
};

export const azureLogin: ActionModel = {
  uses: ["azure/docker-login", "azure/container-registry-login"],
  model: ({ inputs, place }) =>
    outcome([logInOf(place, { registry: inputs.text("login-server"), username: inputs.text("username"), password: inputs.text("password") })]),
};

/** Logs in to the account's registry, whose name only the run tells; to the public one when told. */
export const ecrLogin: ActionModel = {
  uses: ["aws-actions/amazon-ecr-login"],
  model: ({ inputs, place, id }) => {
    const isPublic = wordOf(inputs.text("registry-type")) === "public";
    const registry = isPublic ? knownText("public.ecr.aws", place) : unknownText(`steps.${id}.outputs.registry`, place);
    return outcome([logInOf(place, { registry, username: knownText("AWS", place) })], { registry });
  },
};

/** Logs in to Docker Hub with what a vault holds. */
export const vaultLogin: ActionModel = {
  uses: ["grafana/shared-workflows/actions/dockerhub-login"],
  model: ({ place }) => outcome([logInOf(place, { username: unknownText("a username of the vault", place) })]),
};
