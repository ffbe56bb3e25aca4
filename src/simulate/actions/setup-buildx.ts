import type { ActionModel, ActionStep } from "../action-model.ts";
import { madeUpName } from "../builder-name.ts";
import type { Driver } from "../environment.ts";
import { marked, unmarked } from "../marked-text.ts";
import type { CreateBuilder, Operation } from "../operation.ts";
import { knownText, type Text, type Texts, textOf } from "../text.ts";
import { builderOf, outcome } from "./asked.ts";
import { listValue, mapValue, textValue, textValues, yamlValue } from "./yaml-value.ts";

const DRIVERS: ReadonlySet<string> = new Set(["docker", "docker-container", "kubernetes", "remote", "cloud"] satisfies Driver[]);

/** Makes a builder and makes it current; with the `docker` driver it makes none. */
export const setupBuildx: ActionModel = {
  uses: ["docker/setup-buildx-action"],
  model: (step, environment) => {
    const { inputs, place } = step;
    const driver = driverOf(inputs.text("driver"));
    const version = inputs.text("version");
    if (driver === "docker") {
      const name = step.major === 1 ? "default" : environment.context;
      return outcome(installs(step), { name: name === undefined ? undefined : knownText(name, place), driver: knownText(driver, place) });
    }
    const name = inputs.text("name") ?? knownText(madeUpName("builder", step.id), place);
    const exists = environment.builders.get(textOf(name) ?? "")?.certain === true;
    const builder = builderOf(place, driver, {
      name,
      endpoint: inputs.text("endpoint"),
      driverOptions: inputs.list("driver-opts", { commas: false, quotes: step.major !== undefined && step.major < 3 }),
      platforms: inputs.list("platforms"),
      use: inputs.switch("use", true).value,
      config: configOf(step),
      keepState: inputs.switch("keep-state", false).value === true,
      buildxVersion: version,
    });
    const operations: Operation[] = [...(exists ? [] : [builder]), ...appended(step, builder), ...installs(step)];
    return outcome(operations, { name, driver: driver === "unknown" ? undefined : knownText(driver, place) });
  },
};

function driverOf(text: Text | undefined): Driver {
  if (text === undefined) return "docker-container";
  const word = textOf(text) ?? "";
  return DRIVERS.has(word) ? (word as Driver) : "unknown";
}

/** `install: true`, until v3: `docker build` is Buildx from then on. */
function installs({ inputs, place, major }: ActionStep): Operation[] {
  return (major === undefined || major < 4) && inputs.switch("install", false).value === true ? [{ kind: "install-buildx", place }] : [];
}

function configOf({ inputs }: ActionStep): CreateBuilder["config"] {
  if (inputs.text("buildkitd-config") !== undefined || inputs.text("config") !== undefined) return null;
  const inline = inputs.text("buildkitd-config-inline") ?? inputs.text("config-inline");
  return inline === undefined ? undefined : (textOf(inline) ?? null);
}

/** Nodes of `append`, a list in YAML. One that cannot be read may add any node. */
function appended({ inputs, place }: ActionStep, builder: CreateBuilder): CreateBuilder[] {
  const append = inputs.text("append");
  if (append === undefined) return [];
  const { string, holes } = marked(append);
  const said = (value: string): Text => unmarked(value, holes, append.place);
  const texts = (items: readonly string[]): Texts => ({ items: items.map(said), open: false, place: append.place });
  const more = { name: builder.name, use: false, append: true } as const;
  const nodes = listValue(yamlValue("append", string));
  if (nodes === undefined) return [builderOf(place, builder.driver, { ...more, platforms: { items: [], open: true, place: append.place } })];
  return nodes.map((value) => {
    const node = mapValue(value) ?? {};
    const endpoint = textValue(node.endpoint);
    const platforms = textValues(node.platforms).flatMap((item) => item.split(","));
    return builderOf(place, builder.driver, {
      ...more,
      endpoint: endpoint === undefined || endpoint === "" ? undefined : said(endpoint),
      platforms: texts(platforms.map((item) => item.trim()).filter((item) => item !== "")),
      driverOptions: texts(textValues(node["driver-opts"])),
    });
  });
}
