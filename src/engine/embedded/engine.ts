import type { Clock } from "../../core/clock.ts";
import type { BlobReader, BlobStore } from "../../image/blob-store.ts";
import type { RegistryClient } from "../../registry/client/client.ts";
import type { BuildContext } from "../context.ts";
import type { Engine } from "../engine.ts";
import type { Exclusive } from "../exclusive.ts";
import type { Records } from "../records.ts";
import type { RemoteFetcher } from "../remote.ts";
import type { SandboxHost } from "../sandbox.ts";
import { runBuild } from "./build-run.ts";
import { checkPlan } from "./check.ts";

export interface EmbeddedEngineParts {
  readonly store: BlobStore;
  readonly records: Records;
  readonly client: RegistryClient;
  /** The main context, or a named one. The engine does not close it. */
  readonly contexts: (name?: string) => Promise<BuildContext>;
  readonly remote: RemoteFetcher;
  readonly clock: Clock;
  /** Blobs of an image that came from an OCI layout, by the vertex's `reference` (`oci-layout://…`); undefined for any other image. */
  readonly layoutBlobs?: (reference: string) => BlobReader | undefined;
  /** Where programs run; absent: nowhere, and RUN is refused. */
  readonly sandbox?: SandboxHost;
  readonly exclusive: Exclusive;
}

/** Builds without a daemon: layers straight from their sources, bases by digest, programs in a sandbox of our own. */
export function embeddedEngine(parts: EmbeddedEngineParts): Engine {
  return {
    name: "embedded",
    check: (plan, options) => checkPlan(plan, options, parts.sandbox),
    async build(plan, options) {
      const [problem] = await checkPlan(plan, options, parts.sandbox);
      if (problem !== undefined) throw problem;
      return runBuild(parts, plan, options);
    },
  };
}
