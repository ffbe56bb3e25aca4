import type { Environment } from "../environment.ts";
import type { Doubt } from "../operation.ts";
import type { Text } from "../text.ts";
import { type Effect, withDoubt } from "./effect.ts";

/** Something may have happened that nobody knows: each part of the environment that it may touch becomes open. */
export const doubt: Effect<"doubt"> = (operation, environment) => {
  const { about, sentence, place } = operation;
  const fact = { sentence, place };
  const touches = (what: Exclude<Doubt["about"], "anything">[number]): boolean => about === "anything" || about.includes(what);
  let next: Environment = touches("builder") ? withDoubt(environment, fact) : environment;
  if (touches("emulators")) next = { ...next, emulators: { ...next.emulators, open: true, fact: next.emulators.fact ?? fact } };
  if (touches("login")) next = { ...next, logins: [...next.logins, { registry: anything(operation), username: undefined, fact, works: undefined }] };
  if (touches("image")) next = { ...next, images: [...next.images, { name: anything(operation), platforms: [], how: "pulled", fact }] };
  return next;
};

const anything = ({ sentence, place }: Doubt): Text => ({ parts: [{ source: sentence, atoms: [] }], place });
