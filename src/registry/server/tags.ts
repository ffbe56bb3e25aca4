import type { RegistryContext } from "./context.ts";
import { RegistryError } from "./error.ts";
import { jsonResponse, type RegistryRequest, type RegistryResponse } from "./message.ts";
import { linkHeader, page } from "./paging.ts";
import type { Route } from "./route.ts";

const itself = (name: string): string => name;

/** GET of a repository's tags. */
export async function getTags(
  context: RegistryContext,
  { repository }: Extract<Route, { kind: "tags" }>,
  _request: RegistryRequest,
  query: URLSearchParams,
): Promise<RegistryResponse> {
  const tags = await context.storage.tags(repository);
  if (tags === undefined) throw new RegistryError("NAME_UNKNOWN", { detail: { name: repository } });
  const { items, next } = page(tags, itself, query);
  return jsonResponse(200, { name: repository, tags: items }, linkHeader(`/v2/${repository}/tags/list`, query, next));
}

/** GET of all repositories: Docker's, not the specification's. */
export async function getCatalog(context: RegistryContext, _route: Route, _request: RegistryRequest, query: URLSearchParams): Promise<RegistryResponse> {
  const { items, next } = page(await context.storage.repositories(), itself, query);
  return jsonResponse(200, { repositories: items }, linkHeader("/v2/_catalog", query, next));
}
