import type { FileEdit, Remedy, Severity } from "../../../findings/finding.ts";
import type { Build } from "../../../simulate/operation.ts";
import { severalPlatforms } from "../../../simulate/platform-count.ts";
import { splitText, textOf } from "../../../simulate/text.ts";
import type { StepPlace, Trace, TracedStep } from "../../../simulate/trace.ts";
import { bumpAction } from "../../remedies/actions.ts";
import { addInputs, removeInput, renameInput } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { type OddInput, oddInputs } from "./inputs-unknown.ts";

export const rule = defineRule({
  meta: {
    id: "unknown-input",
    summary: "a step gives its action an input that this release of it does not have, so that it is ignored",
    severity: "warning",
    confidence: "certain",
    fix: "sometimes",
    covers: ["platform-key-typo", "unknown-inputs", "driver-key-on-build-action", "setup-buildx-v4-install-removed"],
  },
  step(step, trace, report) {
    const odd = oddInputs(step);
    for (const one of odd) {
      const severity = severityOf(one, step, trace);
      report({
        message: messageOf(one),
        place: one.place,
        key: one.name,
        severity,
        // What an image lacks by it hangs on the Dockerfile; that platforms are ignored does not.
        confidence: !one.certain || (severity === "error" && meaningOf(one) !== "platforms") ? "likely" : "certain",
        facts: [],
        log:
          one.why.kind === "deprecated"
            ? { tool: "the runner", lines: [`Input '${one.name}' has been deprecated with message: ${one.why.said}`] }
            : { tool: "the runner", lines: [unexpected(odd)] },
        cause: causeOf(one),
        remedies: remediesOf(one, step, trace),
      });
    }
  },
});

const shown = ({ use }: OddInput): string => `${use.written}@${use.version === undefined || use.version.from === "ref" ? use.ref : `v${use.version.major}`}`;

/** Only how the line begins: the runner goes on with every input that there is. */
const unexpected = (odd: readonly OddInput[]): string =>
  `Unexpected input(s) '${odd
    .filter(({ why }) => why.kind !== "deprecated")
    .map(({ name }) => name)
    .join("', '")}', valid inputs are [`;

function messageOf(one: OddInput): string {
  const { why, meant, name } = one;
  if (why.kind === "deprecated") return `input "${name}" of ${shown(one)} is deprecated`;
  if (why.kind === "later") return `input "${name}" is ignored: ${one.use.written} has it only since ${why.tag}`;
  const hint = meant.kind === "renamed" ? `; did you mean "${meant.to}"?` : meant.kind === "moved" ? `; it is an input of ${meant.action}` : "";
  const gone = why.kind === "removed" ? `${one.use.written} has had none since ${why.tag}` : `${shown(one)} has no such input`;
  return `input "${name}" is ignored: ${gone}${hint}`;
}

function causeOf({ why, name }: OddInput): string {
  if (why.kind === "deprecated") return "the action still reads this input, and a later major will not";
  const first = "GitHub only warns of inputs that an action does not have, and the step goes on as if they were not there";
  return name.toLowerCase() === "install" ? `${first}; \`docker build\` then takes Docker's own builder, not the one that was set up` : first;
}

/** The input that it stands for. */
const meaningOf = ({ name, meant, why }: OddInput): string => (meant.kind === "renamed" && why.kind !== "later" ? meant.to : name.toLowerCase());

/** Without these another image is built than the one that is asked for. */
const SHAPES_IMAGE: ReadonlySet<string> = new Set(["platforms", "file", "context", "target", "build-args"]);

function severityOf(one: OddInput, step: TracedStep, trace: Trace): Severity {
  if (one.why.kind === "deprecated") return "info";
  const meaning = meaningOf(one);
  if (!SHAPES_IMAGE.has(meaning) || one.use.name !== "docker/build-push-action") return "warning";
  const build = trace.events.find((event) => event.step === step && event.operation.kind === "build")?.operation as Build | undefined;
  const pushes = trace.events.some((event) => event.step === step && event.operation.kind === "push-image");
  if (build === undefined || !(pushes || build.push.value !== false || build.outputs.items.length > 0)) return "warning";
  const value = step.inputs.get(one.name.toLowerCase());
  if (value === undefined || textOf(value)?.trim() === "") return "warning";
  if (meaning === "platforms") {
    // Another spelling is given beside the right one.
    if (build.platforms.place !== undefined) return "warning";
    const items = splitText(value, /[,\n]/);
    return severalPlatforms({ items, open: false, place: value.place }) === true || isForeign(textOf(items[0]), trace) ? "error" : "warning";
  }
  const usual: Readonly<Record<string, RegExp>> = { file: /^(?:\.\/)?Dockerfile$/, context: /^\.?\/?$/ };
  return usual[meaning]?.test(textOf(value)?.trim() ?? "") === true ? "warning" : "error";
}

const isForeign = (platform: string | undefined, { start: { runner } }: Trace): boolean =>
  platform !== undefined &&
  runner.kind === "hosted" &&
  runner.os === "linux" &&
  /^linux\/(?:amd64|arm64|arm\/v[67])$/.test(platform) &&
  platform !== `linux/${runner.architecture}`;

function remediesOf(one: OddInput, { place, inputs }: TracedStep, { asOf }: Trace): readonly Remedy[] {
  const { name, meant, why, use } = one;
  if (why.kind === "later") return [take(one, use.version?.major === majorOf(why.tag) ? bumpAction(place, asOf, use.version?.major) : undefined)];
  if (use.name === "docker/bake-action" && /^platforms?$/i.test(name)) return [platformsOfBake(one, place, inputs)];
  if (meant.kind === "renamed" && (why.kind !== "deprecated" || meant.certain)) {
    const safety = meant.certain ? "safe" : "unsafe";
    return [remedy({ title: `rename "${name}" to "${meant.to}"`, price: "the step does what was meant", safety }, [renameInput(place, name, meant.to)])];
  }
  if (why.kind === "deprecated") return [advice(`do without it: ${why.said}`, "none")];
  if (meant.kind === "moved") return [advice(`move "${name}" to a step that uses ${meant.action}`, "none")];
  const safety = why.kind === "removed" ? "safe" : "unsafe";
  const drop = remedy({ title: `take "${name}" out`, price: "none: it is ignored as it stands", safety }, [removeInput(place, name)]);
  return name.toLowerCase() === "install" ? [drop, advice("write `docker buildx build` in place of `docker build`, or set BUILDX_BUILDER", "none")] : [drop];
}

const majorOf = (tag: string): number => Number(/\d+/.exec(tag)?.[0]);

function take({ use, why }: OddInput, edit: FileEdit | undefined): Remedy {
  const title = `take ${use.written} ${why.kind === "later" ? why.tag : ""} or later`;
  return remedy({ title, price: "other changes of that release come with it", safety: "unsafe" }, [edit]);
}

function platformsOfBake({ name }: OddInput, place: StepPlace, inputs: TracedStep["inputs"]): Remedy {
  const value = inputs.get(name.toLowerCase());
  const list = value === undefined ? [] : splitText(value, /[,\n]/).flatMap((item) => textOf(item) ?? []);
  const set = list.length === 0 ? undefined : addInputs(place, { set: `*.platform=${list.join(",")}` });
  const head = { title: 'give the platforms with "set", or in the bake file', price: "all targets are built for them", safety: "unsafe" } as const;
  return remedy(head, [set, removeInput(place, name)]);
}
