import { byCodeUnit } from "../../../core/order.ts";
import type { ActionModel, ActionOutcome, ActionStep } from "../../action-model.ts";
import { hasMark, isMark, marked, unmarked } from "../../marked-text.ts";
import type { Operation } from "../../operation.ts";
import { type Hole, knownText, shownText, type Text, textOf } from "../../text.ts";
import { joined, NOTHING, wordOf } from "../asked.ts";
import { seenRef } from "./git-ref.ts";
import { flavorOf, imageNames, tagRules } from "./rules.ts";
import { type ComputedTag, computeTags, globals, onceEach, sanitized } from "./tags.ts";

/** docker/metadata-action: computes names and labels from the event, and hands them on as outputs and as variables. */
export const metadata: ActionModel = {
  uses: ["docker/metadata-action", "crazy-max/ghaction-docker-meta"],
  // v1 had other inputs altogether: what it gives is unknown.
  model: (step) => (step.major === 1 ? NOTHING : computed(step)),
};

function computed(step: ActionStep): ActionOutcome {
  const { inputs, place } = step;
  const holes: Hole[] = [];
  const unknown = (hole: Hole): string => marked({ parts: [hole], place }, holes).string;
  const lines = (name: string): readonly string[] => inputs.list(name, { commas: false, comment: true }).items.map((item) => marked(item, holes).string);
  const tagLines = lines("tags");
  // Lines that are unknown altogether may be any rules.
  const open = tagLines.filter(isMark);
  const rules = tagLines.length > 0 && open.length === tagLines.length ? [] : tagRules(tagLines.filter((line) => !isMark(line)));
  const images = imageNames(lines("images"));
  const flavor = flavorOf(lines("flavor"));
  if (rules === undefined || images === undefined || flavor === undefined) return NOTHING;
  const ref = seenRef(step.github, unknown);
  const setting = { ref, flavor, unknown, holeOf: (mark: string) => textOfMark(mark, holes, step) };
  const result = computeTags(rules, setting);
  if (result === undefined) return NOTHING;

  const latestName = sanitized(
    `${flavor.prefixLatest ? globals(flavor.prefix, setting) : ""}latest${flavor.suffixLatest ? globals(flavor.suffix, setting) : ""}`,
  );
  const sure = result.tags.some(({ condition }) => condition === undefined);
  const latest: readonly ComputedTag[] =
    result.latest === false || result.tags.length === 0
      ? []
      : [{ value: latestName, condition: open.length === 0 && sure && result.latest === true ? undefined : null }];
  const all = onceEach([...result.tags, ...latest]);
  const line = (tag: ComputedTag, image: string | undefined): string => {
    const name = image === undefined ? tag.value : `${image}:${tag.value}`;
    return tag.condition === undefined ? name : unknown(conditional(name, tag.condition, holes, step));
  };
  const separator = textOf(inputs.text("sep-tags")) ?? "\n";
  const text = (value: string): Text => unmarked(value, holes, place);
  const names = images.length === 0 ? all.map((tag) => line(tag, undefined)) : images.flatMap((image) => all.map((tag) => line(tag, image)));
  const [first] = result.tags;
  const version = open.length > 0 || (first !== undefined && first.condition !== undefined) ? undefined : text(first?.value ?? "");
  const outputs = new Map<string, Text>();
  if (version !== undefined) outputs.set("version", version);
  outputs.set("tags", text([...names, ...open].join(separator)));
  outputs.set("tag-names", text([...all.map((tag) => line(tag, undefined)), ...open].join(separator)));
  outputs.set("labels", labelsText(step, version, textOf(inputs.text("sep-labels")) ?? "\n"));
  return { operations: variablesOf(step, outputs), outputs };
}

function textOfMark(mark: string, holes: readonly Hole[], { place }: ActionStep): Hole | undefined {
  const [part] = unmarked(mark, holes, place).parts;
  return typeof part === "object" ? part : undefined;
}

/** A tag that may be there, or not: a hole that is a whole line. */
function conditional(name: string, condition: Hole | null, holes: readonly Hole[], { place }: ActionStep): Hole {
  const shown = shownText(unmarked(name, holes, place));
  const source = condition === null ? `'${shown}' or nothing` : `${condition.source} && '${shown}' || ''`;
  return { source, atoms: condition?.atoms ?? [], ...(hasMark(name) ? {} : { choices: [name, ""] }) };
}

const LABEL = "org.opencontainers.image.";

/** Labels in the order of their names: what they say comes from the repository, but for the version and those given. */
function labelsText(step: ActionStep, version: Text | undefined, separator: string): Text {
  const { place, inputs, github } = step;
  const hole = (source: string): Text => ({ parts: [{ source, atoms: [] }], place });
  const { repository } = github;
  const url = repository === undefined ? hole("github.event.repository.html_url") : knownText(`https://github.com/${repository}`, place);
  const labels = new Map<string, Text>([
    [`${LABEL}created`, hole("the time of the build")],
    [`${LABEL}description`, hole("github.event.repository.description")],
    [`${LABEL}licenses`, hole("github.event.repository.license.spdx_id")],
    [`${LABEL}revision`, hole("github.sha")],
    [`${LABEL}source`, url],
    [`${LABEL}title`, repository === undefined ? hole("github.event.repository.name") : knownText(repository.slice(repository.indexOf("/") + 1), place)],
    [`${LABEL}url`, url],
    [`${LABEL}version`, version ?? hole("the version")],
  ]);
  const others: Text[] = [];
  for (const item of inputs.list("labels", { commas: false, comment: true }).items) {
    const [first, ...rest] = item.parts;
    const at = typeof first === "string" ? first.indexOf("=") : -1;
    if (typeof first !== "string" || at === -1) others.push(item);
    else labels.set(first.slice(0, at), { parts: [first.slice(at + 1), ...rest], place });
  }
  const sorted = [...labels].sort(([a], [b]) => byCodeUnit(a, b)).map(([name, value]) => joined(place, `${name}=`, value));
  return joined(place, ...[...sorted, ...others].flatMap((line, i) => (i === 0 ? [line] : [separator, line])));
}

const OF_VARIABLES = [
  "version",
  "tags",
  "tag-names",
  "labels",
  "annotations",
  "json",
  "bake-file-tags",
  "bake-file-labels",
  "bake-file-annotations",
  "bake-file",
];

/** `DOCKER_METADATA_OUTPUT_…`, since v4. */
function variablesOf(step: ActionStep, outputs: ReadonlyMap<string, Text>): Operation[] {
  const { place, id, major, variables } = step;
  if ((major !== undefined && major < 4) || wordOf(variables.get("DOCKER_METADATA_SET_OUTPUT_ENV")) === "false") return [];
  return OF_VARIABLES.map((output) => ({
    kind: "set-variable",
    place,
    name: `DOCKER_METADATA_OUTPUT_${output.replace(/\W/g, "_").toUpperCase()}`,
    value: outputs.get(output) ?? { parts: [{ source: `steps.${id}.outputs.${output}`, atoms: [] }], place },
  }));
}
