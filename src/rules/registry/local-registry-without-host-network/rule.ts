import type { Fact, Remedy } from "../../../findings/finding.ts";
import { builderOf, type ResolvedBuilder } from "../../../simulate/builder-of.ts";
import { type Text, textOf } from "../../../simulate/text.ts";
import { addInputs, setInput } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { imageNameOf, isLocalHost } from "../image-name.ts";
import { pushesOf } from "../pushes.ts";

export const rule = defineRule({
  meta: {
    id: "local-registry-without-host-network",
    summary: "a builder in a container is sent to a registry on localhost, which for it is the container itself",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["local-registry-network-host"],
  },
  build(at, report) {
    const use = localUse(at);
    if (use === undefined) return;
    const { build, event } = at;
    const resolved = builderOf(build, event.before);
    const { builder } = resolved;
    if (resolved.driver !== "docker-container" || builder === undefined || builder.driverOptions.get("network") === "host") return;
    // A configuration may send it elsewhere; other networks may hold the registry.
    if (builder.openOptions || builder.driverOptions.has("network") || builder.config === null || (builder.config?.includes(use.host) ?? false)) return;
    report({
      message: `the builder cannot reach ${use.host}: its container has a network of its own`,
      place: build.place,
      key: use.host,
      confidence: use.certain && resolved.certain && event.sure && event.step.runs === "yes" ? "certain" : "likely",
      facts: [use.fact, ...event.before.services.slice(0, 1).map(({ fact }) => fact), ...resolved.facts],
      log: { tool: "BuildKit", lines: [`dial tcp 127.0.0.1:${use.port}: connect: connection refused`] },
      cause: "the docker-container driver runs BuildKit in a container, where localhost is that container and not the machine on which the registry listens",
      remedies: remediesOf(at, resolved),
    });
  },
});

interface LocalUse {
  readonly host: string;
  readonly port: string;
  readonly certain: boolean;
  readonly fact: Fact;
}

/** What of a build is on a local registry: what it pushes, or an image that it builds on. */
function localUse({ build, event, stages }: BuildEvent): LocalUse | undefined {
  for (const { image, text, certain } of pushesOf(event)) {
    if (image.host !== undefined && isLocalHost(image.host))
      return useOf(image.host, certain, { sentence: `this goes to a local registry: "${image.shown}"`, place: text.place });
  }
  const contexts = build.buildContexts.items.flatMap((item): Text[] => {
    const [first, ...rest] = item.parts;
    const at = typeof first === "string" ? first.indexOf("=docker-image://") : -1;
    return at === -1 ? [] : [{ parts: [(first as string).slice(at + "=docker-image://".length), ...rest], place: item.place }];
  });
  for (const text of contexts) {
    const { host, shown } = imageNameOf(text);
    if (host !== undefined && isLocalHost(host)) return useOf(host, true, { sentence: `this comes from a local registry: "${shown}"`, place: text.place });
  }
  const stage = stages?.find(({ from }) => /^(?:localhost|127\.0\.0\.1):\d+\//.test(from.image.text));
  const host = stage?.from.image.text.split("/")[0];
  return stage === undefined || host === undefined
    ? undefined
    : useOf(host, true, { sentence: `the Dockerfile builds on an image of a local registry: "${stage.from.image.text}"`, place: undefined });
}

const useOf = (host: string, certain: boolean, fact: Fact): LocalUse => ({ host, port: /:(\d+)$/.exec(host)?.[1] ?? "80", certain, fact });

const TITLE = "give the builder the machine's network: network=host";
const PRICE = "what RUN starts can reach all that listens on the machine, if the build asks for it";

function remediesOf({ trace }: BuildEvent, { builder }: ResolvedBuilder): readonly Remedy[] {
  const made = trace.events.find(
    ({ operation, after }) => operation.kind === "create-builder" && builder !== undefined && after.builders.get(builder.name) === builder,
  );
  if (made?.step.action !== "docker/setup-buildx-action") return [advice(`${TITLE}, with --driver-opt network=host`, PRICE)];
  const given = made.step.inputs.get("driver-opts");
  const before = textOf(given);
  const edit =
    given === undefined || before === ""
      ? addInputs(made.step.place, { "driver-opts": "network=host" })
      : before === undefined
        ? undefined
        : // Commas do not part these.
          setInput(made.step.place, "driver-opts", `${before.trimEnd()}\nnetwork=host`);
  return [remedy({ title: TITLE, price: PRICE }, [edit])];
}
