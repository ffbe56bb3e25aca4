import { resolved, type YamlNode } from "./tree.ts";

/** The way to a node from the root: keys of mappings (by their text) and 0-based indices of sequences. */
export type Route = readonly (string | number)[];

/** The node at the end of a route; aliases on the way are followed, one at its end is returned as it is. Of a key that stands twice, the first. */
export function nodeAt(root: YamlNode | undefined, route: Route): YamlNode | undefined {
  let node = root;
  for (const step of route) {
    const here = node && resolved(node);
    if (here?.kind === "sequence" && typeof step === "number") node = here.items[step];
    else if (here?.kind === "mapping") node = here.entries.find((entry) => entry.key.text === String(step))?.value;
    else return undefined;
  }
  return node;
}

/** A route as people read it: `jobs.build.steps[0].with.platforms`, and `the document` for the root. A key of other characters is quoted. */
export function routeText(route: Route): string {
  if (route.length === 0) return "the document";
  return route
    .map((step, i) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return i === 0 ? step : `.${step}`;
    })
    .join("");
}
