import { byCodeUnit } from "../../core/order.ts";

export type Access = "pull" | "push";

/** What a bearer token must allow, as token servers read it. @see https://distribution.github.io/distribution/spec/auth/scope/ */
export const repositoryScope = (repository: string, access: Access): string => `repository:${repository}:${access === "pull" ? "pull" : "pull,push"}`;

/** `type:name:action,action` → [`type:name`, actions]. A name may hold colons (a port), an action not. */
function split(scope: string): readonly [string, readonly string[]] {
  const at = scope.lastIndexOf(":");
  return at === -1 ? [scope, []] : [scope.slice(0, at), scope.slice(at + 1).split(",")];
}

/** The same demands in the one canonical way: a scope for each resource, everything sorted. */
export function mergeScopes(scopes: readonly string[]): string[] {
  const byResource = new Map<string, Set<string>>();
  for (const scope of scopes.flatMap((text) => text.split(" "))) {
    if (scope === "") continue;
    const [resource, actions] = split(scope);
    const known = byResource.get(resource) ?? new Set();
    for (const action of actions) known.add(action);
    byResource.set(resource, known);
  }
  return [...byResource]
    .map(([resource, actions]) => (actions.size === 0 ? resource : `${resource}:${[...actions].sort(byCodeUnit).join(",")}`))
    .sort(byCodeUnit);
}

/** True when a token for `have` allows all of `want`. Both canonical. */
export function coversScopes(have: readonly string[], want: readonly string[]): boolean {
  const held = new Map(have.map(split));
  return want.every((scope) => {
    const [resource, actions] = split(scope);
    const allowed = held.get(resource);
    return allowed !== undefined && actions.every((action) => allowed.includes(action));
  });
}
