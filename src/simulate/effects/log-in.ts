import { knownText, type Text, textOf } from "../text.ts";
import type { Effect } from "./effect.ts";

/** A log-in is kept for the rest of the job, under the name by which BuildKit looks for it. */
export const logIn: Effect<"log-in"> = (operation, environment, { sure }) => {
  const registry = hostOf(operation.registry, operation.place);
  const empty = [operation.username, operation.password].some((text) => text !== undefined && textOf(text) === "");
  const fact = { sentence: "the job logs in here", place: operation.place };
  const login = { registry, username: operation.username, fact, works: empty ? false : sure ? true : undefined };
  return { ...environment, logins: [...environment.logins, login] };
};

const HUB = "docker.io";
const HUB_NAMES = new Set(["", "docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com"]);

function hostOf(registry: Text | undefined, place: Text["place"]): Text {
  if (registry === undefined) return knownText(HUB, place);
  const whole = textOf(registry);
  if (whole === undefined) return registry;
  const host = whole
    .trim()
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/, "")
    .toLowerCase();
  return knownText(HUB_NAMES.has(host) ? HUB : host, registry.place);
}
