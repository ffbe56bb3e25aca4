import type { RegistryFact } from "./facts.ts";
import { known, unknown } from "./known.ts";
import type { RegistryPing } from "./ports.ts";

/** Longest wait for one registry; all are asked at once. */
export const REGISTRY_MS = 3000;

/** Whether these registries answer this machine. Builders in containers may see others. */
export function readRegistries(
  ping: RegistryPing,
  registries: readonly string[],
  limit: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<readonly RegistryFact[]> {
  const timeoutMs = Math.min(limit.timeoutMs, REGISTRY_MS);
  return Promise.all(
    [...new Set(registries)].map(async (registry): Promise<RegistryFact> => {
      const source = `GET /v2/ of ${registry}`;
      const answer = await ping(registry, { timeoutMs, ...(limit.signal === undefined ? {} : { signal: limit.signal }) });
      switch (answer.kind) {
        case "answers":
          return { registry, reachable: known({ scheme: answer.scheme, wantsLogin: answer.wantsLogin }, source) };
        case "silent":
          return { registry, reachable: unknown("silent", `registry ${registry} gave no answer within ${timeoutMs / 1000} s`, NETWORK, source) };
        case "failed":
          return { registry, reachable: unknown("broken", `registry ${registry} cannot be used: ${answer.why}`, NETWORK, source) };
      }
    }),
  );
}

const NETWORK = "see to its name, the network and the proxy variables (HTTPS_PROXY, NO_PROXY), or start a local registry";
