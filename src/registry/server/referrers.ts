import { MEDIA_TYPE } from "../../core/media-type.ts";
import type { RegistryContext } from "./context.ts";
import { jsonResponse, type RegistryRequest, type RegistryResponse } from "./message.ts";
import { linkHeader, page } from "./paging.ts";
import type { Route } from "./route.ts";

/** Descriptors in one answer: with generous annotations still below the 4 MiB that clients read of an index. */
const MOST_REFERRERS = 1000;

/** GET of the manifests that refer to one: an index, empty when there are none. */
export async function getReferrers(
  context: RegistryContext,
  { repository, digest }: Extract<Route, { kind: "referrers" }>,
  _request: RegistryRequest,
  query: URLSearchParams,
): Promise<RegistryResponse> {
  const all = await context.storage.referrers(repository, digest);
  const wanted = query.get("artifactType");
  const filtered = wanted === null || wanted === "" ? all : all.filter((descriptor) => descriptor.artifactType === wanted);
  const { items, next } = page(filtered, (descriptor) => descriptor.digest, query, MOST_REFERRERS);
  return jsonResponse(
    200,
    { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: items },
    {
      "content-type": MEDIA_TYPE.ociIndex,
      ...(wanted === null || wanted === "" ? {} : { "oci-filters-applied": "artifactType" }),
      ...linkHeader(`/v2/${repository}/referrers/${digest}`, query, next),
    },
  );
}
