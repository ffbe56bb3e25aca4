import type { Clock } from "../../core/clock.ts";
import { blobReader } from "./blob-download.ts";
import { pushBlob } from "./blob-upload.ts";
import type { RawManifest, RegistryClient } from "./client.ts";
import type { Credentials } from "./credentials.ts";
import { createExchange } from "./exchange.ts";
import { headManifest, pullManifest, pushManifest } from "./manifests.ts";
import type { RegistryOptions } from "./options.ts";
import { listReferrers, tagReferrer } from "./referrers.ts";
import { referrerIn } from "./subject.ts";
import { listTags } from "./tags.ts";
import type { Transport } from "./transport.ts";

export interface RegistryClientDeps {
  readonly transport: Transport;
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** From 0 up to and without 1, for the jitter of waits. Without it waits have none. */
  readonly random?: () => number;
  readonly options: RegistryOptions;
}

/** The client of every registry of a run: it keeps tokens and what it learned of each host. Safe to use from many places at once. */
export function createRegistryClient({ transport, credentials, clock, random = () => 1, options }: RegistryClientDeps): RegistryClient {
  const exchange = createExchange({ transport, credentials, clock, random, options });
  return {
    manifest: (reference, transfer): Promise<RawManifest> => pullManifest(exchange, options, reference, transfer),
    head: (reference, transfer) => headManifest(exchange, options, reference, transfer),
    async putManifest(reference, mediaType, bytes, transfer) {
      const listed = await pushManifest(exchange, options, reference, mediaType, bytes, transfer);
      const link = listed ? undefined : referrerIn(mediaType, bytes);
      if (link !== undefined) await tagReferrer(exchange, options, reference, link.subject, link.referrer, transfer?.signal);
    },
    blobs: (repository, transfer) => blobReader(exchange, options, repository, transfer),
    putBlob: (repository, blob, transfer) => pushBlob(exchange, options, repository, blob, transfer),
    referrers: (repository, digest, transfer) => listReferrers(exchange, options, repository, digest, transfer),
    tags: (repository, transfer) => listTags(exchange, options, repository, transfer),
    close: () => transport.close(),
  };
}
