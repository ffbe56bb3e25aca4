import type { Fact } from "../../../findings/finding.ts";
import { endpointOf } from "../../../simulate/endpoint.ts";
import type { Runner } from "../../../simulate/environment.ts";
import type { Event, Trace } from "../../../simulate/trace.ts";
import { setRunsOn } from "../../remedies/jobs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "runner-without-docker",
    summary: "images are built on a runner that has no Docker, or one for Windows images only",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["runner-without-docker"],
  },
  trace(trace, report) {
    const { runner } = trace.start;
    if (runner.kind !== "hosted" || runner.container !== undefined) return;
    const event = trace.events.find((one) => needsDocker(one, runner));
    if (event === undefined || bringsDocker(trace) || event.before.doubts.length > 0) return;
    const windows = runner.os === "windows";
    const label = runner.labels[0] ?? "";
    const { place } = event.step;
    const job = { file: trace.workflow.file, route: ["jobs", trace.job.id.text] };
    report({
      message: windows ? `runner "${label}" has a Docker that builds Windows images only` : `runner "${label}" has no Docker daemon`,
      place: { file: place.file, span: (event.step.step.uses?.scalar ?? event.step.step.run)?.span ?? event.step.step.node.span },
      key: "",
      confidence: event.sure && event.step.runs === "yes" && !windows ? "certain" : "likely",
      facts: [runner.fact, { sentence: "this step needs a Docker daemon", place: event.operation.place } satisfies Fact],
      log: logOf(runner, event),
      cause: windows
        ? "The Docker of GitHub's Windows runners runs Windows containers. Neither BuildKit's container nor the programs of a Linux image can run there."
        : "Building needs a Docker daemon, and this runner has none. GitHub's runners that have one are those of Ubuntu, but for ubuntu-slim.",
      remedies: [
        remedy({ title: 'run the job on "ubuntu-latest"', price: "whatever else the job does runs there too", safety: "unsafe" }, [
          setRunsOn(job, "ubuntu-latest"),
        ]),
        advice("set up a builder on another machine (`driver: remote`)", "a machine with BuildKit that the runner can reach"),
      ],
    });
  },
});

function needsDocker({ operation, before }: Event, { os }: Runner): boolean {
  if (operation.kind === "create-builder")
    return operation.driver === "docker-container" && operation.endpoint === undefined && (os === "windows" || isWithout(before, operation.variables));
  if (operation.kind !== "build" || operation.onlyAsks || !DOCKERS.has(operation.through)) return false;
  if (before.selected !== undefined || operation.builder !== undefined) return false;
  if (os !== "windows") return isWithout(before, operation.variables);
  return operation.platforms.items.some(({ parts: [first] }) => typeof first === "string" && first.startsWith("linux/"));
}

const DOCKERS: ReadonlySet<string> = new Set([
  "docker/build-push-action",
  "docker/bake-action",
  "docker buildx build",
  "docker buildx bake",
  "docker build",
  "docker compose",
]);

function isWithout(environment: Event["before"], variables: Event["operation"]["variables"]): boolean {
  const { known, daemon } = endpointOf(environment, variables);
  return known && daemon === undefined;
}

/** By means that are not understood: no certain word then. */
function bringsDocker({ workflow, job }: Trace): boolean {
  const { start, end } = job.node.span;
  return /colima|lima|podman|rancher|orbstack|docker-machine|docker desktop|--cask|docker-ce|get\.docker\.com|dockerd|minikube|setup-docker|switchdaemon/i.test(
    workflow.file.text.slice(start, end),
  );
}

function logOf({ os }: Runner, { operation, step }: Event): { readonly tool: string; readonly lines: readonly string[] } | undefined {
  if (os === "windows") return undefined;
  const tool = operation.kind === "build" ? operation.through : (step.action ?? "docker buildx create");
  if (os === "linux") return { tool, lines: ["ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"] };
  if (step.action === undefined) return { tool: "sh", lines: ["docker: command not found"] };
  return {
    tool,
    lines: [
      "Error: Unable to locate executable file: docker. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also check the file mode to verify the file is executable.",
    ],
  };
}
