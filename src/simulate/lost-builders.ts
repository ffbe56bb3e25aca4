import { shownName } from "./builder-name.ts";
import type { LostBuilder } from "./builder-of.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Builder, Environment } from "./environment.ts";
import { type BuilderRequest, ignoresSelection } from "./named-builder.ts";

interface Use {
  readonly request: BuilderRequest;
  readonly endpoint: Endpoint;
  readonly used: Builder | undefined;
}

/** Builders that are there and that a build does not use, each with the reason. */
export function lostBuilders(use: Use, environment: Environment): readonly LostBuilder[] {
  if (use.used !== undefined && environment.builders.size === 1) return [];
  return [...environment.builders.values()].flatMap((builder) => (builder.name === use.used?.name ? [] : [lostBuilder(builder, use, environment)]));
}

function lostBuilder(builder: Builder, { request, endpoint, used }: Use, environment: Environment): LostBuilder {
  const { selected } = environment;
  const lost = (why: LostBuilder["why"], sentence: string, place = builder.fact.place): LostBuilder => ({ builder, why, fact: { sentence, place } });
  const name = `builder ${shownName(builder.name)}`;
  if (used !== undefined) return lost("other-chosen", `${name} is not the one that the build uses: that is ${shownName(used.name)}`);
  if (selected?.builder === builder.name) {
    if (ignoresSelection(request, environment)) return lost("docker-build", `${name} is chosen, but \`docker build\` uses the current context's own builder`);
    if (selected.endpoint !== endpoint.key && endpoint.key !== undefined) {
      const now = endpoint.context?.fact.place ?? selected.fact.place;
      return lost("context-changed", `${name} was chosen for Docker context "${selected.endpoint}", and "${endpoint.key}" is current now`, now);
    }
  }
  if (selected === undefined) return lost("not-used", `${name} is made, but not chosen`);
  return lost(
    "other-chosen",
    `${name} is made, but ${selected.builder === undefined ? "the context's own builder" : shownName(selected.builder)} is chosen`,
    selected.fact.place,
  );
}
