import type { RemoteFetcher } from "../../../engine/remote.ts";
import type { Transport } from "../../../registry/client/transport.ts";
import { nodeTransport } from "../transport/http-transport.ts";
import { fetchFile } from "./fetch-file.ts";
import { type GitOptions, gitCheckout } from "./git-checkout.ts";

export interface RemoteFetcherOptions extends Pick<GitOptions, "workFolder" | "program" | "allowFileTransport"> {
  /** Proxies and certificate authorities are read from it. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: one made from `env`. */
  readonly transport?: Transport;
  readonly limitBytes?: number;
}

/** Files over http(s) and git checkouts, kept below `workFolder` until they are closed. */
export function remoteFetcher(options: RemoteFetcherOptions): RemoteFetcher {
  const { transport: given, limitBytes, ...git } = options;
  const env = options.env ?? process.env;
  let transport = given;
  return {
    file(request, signal) {
      transport ??= nodeTransport({ env });
      return fetchFile(request, {
        transport,
        spoolFolder: options.workFolder,
        ...(limitBytes === undefined ? {} : { limitBytes }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    git: (request, signal) => gitCheckout(request, { ...git, env, ...(signal === undefined ? {} : { signal }) }),
  };
}
