import { shownText, type Text } from "../../../simulate/text.ts";
import type { Event, Trace } from "../../../simulate/trace.ts";
import { addInputs } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { sureness } from "../sureness.ts";

export const rule = defineRule({
  meta: {
    id: "context-under-docker-host",
    summary: "a Docker context is chosen while DOCKER_HOST is set, which goes before every context",
    severity: "warning",
    confidence: "certain",
    fix: "sometimes",
    covers: ["docker-host-overrides-context"],
  },
  event(event, trace, report) {
    const { operation, before, step } = event;
    const context =
      operation.kind === "start-daemon"
        ? operation.context
        : operation.kind === "use-context" && operation.name !== undefined
          ? shownText(operation.name)
          : undefined;
    const host = given(operation.variables?.get("DOCKER_HOST") ?? before.variables.get("DOCKER_HOST"));
    if (context === undefined || context === "default" || host === undefined || setsHost(event, trace)) return;
    const isAction = operation.kind === "start-daemon" && step.action === "docker/setup-docker-action";
    const action = remedy({ title: "let the step set DOCKER_HOST to its own Docker (`set-host: true`)", price: "nothing" }, [
      addInputs(step.place, { "set-host": true }),
    ]);
    report({
      message: `Docker context "${context}" is chosen, but DOCKER_HOST goes before it`,
      place: operation.place,
      confidence: sureness(event),
      facts: [{ sentence: `DOCKER_HOST is "${shownText(host)}"`, place: host.place }],
      log: { tool: "docker", lines: ["Warning: DOCKER_HOST environment variable overrides the active context."] },
      cause:
        "The docker command takes the Docker that DOCKER_HOST names, whatever context is in use. What later steps build, load and push is that of the other Docker.",
      remedies: [...(isAction ? [action] : []), advice("do not set DOCKER_HOST for this job", "steps that need the other Docker have to name it themselves")],
    });
  },
});

const given = (text: Text | undefined): Text | undefined => (text === undefined || text.parts.length === 0 ? undefined : text);

/** The same step sets it to what it has started. */
const setsHost = (event: Event, { events }: Trace): boolean =>
  events.some(({ step, operation }) => step === event.step && operation.kind === "set-variable" && operation.name === "DOCKER_HOST");
