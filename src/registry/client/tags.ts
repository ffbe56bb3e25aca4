import type { Reference } from "../../core/reference.ts";
import { answerProblem } from "./answer-problem.ts";
import type { TransferOptions } from "./client.ts";
import { endpointsOf } from "./endpoint.ts";
import type { Exchange } from "./exchange.ts";
import type { RegistryOptions } from "./options.ts";
import { objectIn, pagesOf } from "./pages.ts";
import { repositoryScope } from "./scope.ts";

/** What we ask for at a time; registries may give less. */
const PAGE_SIZE = "1000";

export async function listTags(
  exchange: Exchange,
  options: RegistryOptions,
  { registry, repository }: Pick<Reference, "registry" | "repository">,
  { signal }: TransferOptions = {},
): Promise<readonly string[]> {
  // A mirror knows only what passed through it.
  const [endpoint] = endpointsOf(registry, options, "push");
  const scopes = [repositoryScope(repository, "pull")];
  const found: string[] = [];
  for await (const page of pagesOf(exchange, {
    endpoint,
    method: "GET",
    target: `${repository}/tags/list`,
    query: { n: PAGE_SIZE },
    scopes,
    repository,
    signal,
  })) {
    const { tags } = objectIn(page);
    // Docker's registry says null for none.
    if (tags !== null && tags !== undefined && !(Array.isArray(tags) && tags.every((tag): tag is string => typeof tag === "string")))
      throw answerProblem("registry-status", page.asked, "tags that are no list of texts");
    for (const tag of tags ?? []) found.push(tag as string);
  }
  return found;
}
