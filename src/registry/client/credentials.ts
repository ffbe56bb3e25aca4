/** What proves who we are to a registry. */
export type Credential =
  | { readonly username: string; readonly password: string }
  /** Refresh token of the registry's token server, as `docker login` stores it. */
  | { readonly identityToken: string }
  /** Bearer token for the registry itself, used as it is. */
  | { readonly registryToken: string };

/** Where credentials come from. */
export interface Credentials {
  /**
   * The credential for a registry as people name it (`docker.io`, `ghcr.io`, `127.0.0.1:5000`); undefined when there is none.
   * @throws {ProblemError} `credentials-unreadable`
   */
  for(registry: string): Promise<Credential | undefined>;
}
