import { isProblem } from "../../core/problem.ts";
import { type Endpoint, endpointsOf } from "./endpoint.ts";
import type { RegistryOptions } from "./options.ts";

/**
 * Asks a registry's mirrors in order, then itself. A mirror's failure of any kind leads on to the next.
 * @param ask  gives undefined for "not here", which counts as an answer from the registry only
 */
export async function fromMirrors<T>(registry: string, options: RegistryOptions, ask: (endpoint: Endpoint) => Promise<T | undefined>): Promise<T | undefined> {
  const endpoints = endpointsOf(registry, options, "pull");
  for (const endpoint of endpoints.slice(0, -1)) {
    try {
      const answer = await ask(endpoint);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!isProblem(error)) throw error;
    }
  }
  return ask(endpoints.at(-1) as Endpoint);
}
