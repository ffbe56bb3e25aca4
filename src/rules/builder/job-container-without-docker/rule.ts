import { holdsNoDocker } from "../../../facts/docker.ts";
import { textOf } from "../../../simulate/text.ts";
import type { Event, Trace } from "../../../simulate/trace.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "job-container-without-docker",
    summary: "images are built in a job whose container holds no Docker command",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["job-container-no-docker"],
  },
  trace(trace, report) {
    const { container } = trace.start.runner;
    const image = textOf(container);
    if (container === undefined || image === undefined || !holdsNoDocker(image) || installsDocker(trace)) return;
    const event = trace.events.find(needsDocker);
    if (event === undefined) return;
    const { place, step } = event.step;
    report({
      message: `image "${image}", in which the job runs, holds no Docker`,
      place: { file: place.file, span: (step.uses?.scalar ?? step.run)?.span ?? step.node.span },
      key: "",
      facts: [
        { sentence: `the steps of this job run in a container of "${image}"`, place: container.place },
        { sentence: "this step runs the docker command", place: event.operation.place },
      ],
      log: logOf(event),
      cause:
        "With `container:` the steps see the programs of that image, not those of the runner. What GitHub's runners have installed, Docker and Buildx too, is not there.",
      remedies: [
        advice("build in a job without `container:`", "what the job takes from that image has to be set up by steps, or handed over from another job"),
        advice(
          'take an image that holds Docker and Buildx, such as "docker:cli"',
          "the runner's Docker is reached by its socket, which the container has to be given",
        ),
      ],
    });
  },
});

const THROUGH: ReadonlySet<string> = new Set(["docker/build-push-action", "docker/bake-action", "docker buildx build", "docker buildx bake", "docker build"]);

const needsDocker = ({ operation }: Event): boolean => operation.kind === "create-builder" || (operation.kind === "build" && THROUGH.has(operation.through));

/** By a package manager, a script, or an action that nobody knows. */
function installsDocker({ workflow, job, events }: Trace): boolean {
  const { start, end } = job.node.span;
  const text = workflow.file.text.slice(start, end);
  return (
    /docker(?:\.io(?!\/)|-ce|-cli|-buildx)|get\.docker\.com|(?:apk|apt|apt-get|dnf|yum|microdnf|pacman|nix)\b[^\n]*\bdocker\b|setup-docker/i.test(text) ||
    (events.at(-1)?.after.doubts.length ?? 0) > 0
  );
}

function logOf({ operation, step }: Event): { readonly tool: string; readonly lines: readonly string[] } | undefined {
  const through = operation.kind === "build" ? operation.through : undefined;
  if (through === "docker/build-push-action" || through === "docker/bake-action")
    return { tool: through, lines: ["Error: Docker buildx is required. See https://github.com/docker/setup-buildx-action to set up buildx."] };
  return step.action === undefined ? { tool: "sh", lines: ["docker: command not found"] } : undefined;
}
