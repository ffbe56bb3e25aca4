/** How a user wants registries to be reached. All optional; see each for what its absence means. */
export interface RegistryOptions {
  /** Registries (`HOST[:PORT]`) whose certificate is not checked, and which may speak plain http. Loopback always may. */
  readonly insecure?: readonly string[];
  /** Registries (`HOST[:PORT]`) which speak plain http, and nothing else. */
  readonly plainHttp?: readonly string[];
  /** Registry → its mirrors (`HOST[:PORT][/PATH]` or an http(s) address), tried in order for pulls before the registry itself. */
  readonly mirrors?: Readonly<Record<string, readonly string[]>>;
  /** Downloads, and apart from them uploads, that run at once to one host. Default {@link DEFAULT_TRANSFERS_PER_HOST}. */
  readonly transfersPerHost?: number;
  /** Tries of one request, the first included. Default {@link DEFAULT_ATTEMPTS}. */
  readonly attempts?: number;
  /** Upload in chunks of this many bytes, even where the registry would take a blob in one piece. */
  readonly chunkBytes?: number;
  readonly userAgent?: string;
}

/** Docker moves 3 layers at once, containerd 3 to 5; small layers gain from a few more. */
export const DEFAULT_TRANSFERS_PER_HOST = 6;
export const DEFAULT_ATTEMPTS = 5;
