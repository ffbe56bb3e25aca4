import { remembered } from "../../../core/remembered.ts";
import type { Place } from "../../../core/span.ts";
import { scalarPlaces } from "../../../simulate/script/scalar-places.ts";
import { shownText } from "../../../simulate/text.ts";
import type { Trace, TracedStep } from "../../../simulate/trace.ts";
import { publishingOf } from "../../published.ts";
import { addInputs } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "image-of-arm-runner",
    summary: "a job on an Arm runner takes for granted that it is an amd64 one",
    severity: "warning",
    confidence: "likely",
    fix: "sometimes",
    covers: ["arm-runner-wrong-native"],
  },
  build({ build, event, trace }, report) {
    const { platforms } = build;
    if (!isArm(trace) || platforms.items.length > 0 || platforms.open || build.through === "other" || build.through === "goreleaser") return;
    const { pushes, byDigest } = publishingOf(build);
    const names = build.tags.items.map(shownText);
    // One of several rows, or one platform of an index that is put together elsewhere, is what such a job is for.
    const isPart = byDigest !== false || trace.row.name !== "" || names.some((name) => /arm|aarch|\$\{\{/i.test(name)) || MERGES.test(trace.workflow.file.text);
    if (pushes !== true || isPart || names.length === 0) return;
    report({
      message: `"${names[0]}" is published for linux/arm64 alone: the build names no platform, and the runner is an Arm machine`,
      place: build.place,
      key: "build",
      facts: [trace.start.runner.fact],
      cause: "a build that names no platform is for that of the machine it runs on; who pulls the image on amd64 gets none that fits",
      remedies: [
        build.through === "docker/build-push-action"
          ? remedy({ title: "name the platforms", price: "linux/amd64 is built by emulation here", safety: "unsafe" }, [
              addInputs(event.step.place, { platforms: "linux/amd64,linux/arm64" }),
            ])
          : advice("name the platforms with --platform", "linux/amd64 is built by emulation here"),
      ],
    });
  },
  step(step, trace, report) {
    if (step.step.run === undefined || !isArm(trace)) return;
    const found = downloadOf(step);
    if (found === undefined) return;
    report({
      message: `"${found.name}" is a program for amd64, and the runner is an Arm machine`,
      place: found.place,
      key: found.name,
      // It may be there to be packed, not to be run.
      confidence: "possible",
      facts: [trace.start.runner.fact],
      log: { tool: "the shell", lines: ["cannot execute binary file: Exec format error"] },
      cause: "a program runs on the architecture it was made for; an Arm runner has no emulator unless a step installs one",
      remedies: [advice("take the architecture from `runner.arch` or `uname -m`", "none")],
    });
  },
});

const MERGES = /imagetools\s+create|manifest\s+create|docker-manifest-action/;

const isArm = ({ start: { runner } }: Trace): boolean => runner.kind === "hosted" && runner.os === "linux" && runner.architecture === "arm64";

interface Download {
  readonly name: string;
  readonly place: Place;
}

const PROGRAM = /https?:\/\/[^\s"'|;)]*?\/([^\s"'/|;)]*(?:amd64|x86_64|linux64)[^\s"'/|;)]*)/;

const downloadOf: (step: TracedStep) => Download | undefined = remembered(readDownload, ({ step }) => step);

function readDownload({ step, place }: TracedStep): Download | undefined {
  const { run } = step;
  const match = run !== undefined && /\b(?:curl|wget)\b/.test(run.text) ? PROGRAM.exec(run.text) : null;
  return run === undefined || match === null
    ? undefined
    : { name: match[1] as string, place: scalarPlaces(run, place.file)({ start: match.index, end: match.index + match[0].length }) };
}
