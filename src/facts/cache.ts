import table from "../../data/cache.json" with { type: "json" };

/** GitHub's first cache service: when it ended, since which versions the tools know the second, and what it says to those that do not. */
export const GITHUB_CACHE_V1: {
  readonly ended: string;
  readonly knowV2: { readonly buildx: string; readonly buildkit: string; readonly docker: string };
  readonly message: string;
} = table.githubServiceV1;

/** Registries to which anybody may push. */
export const ANONYMOUS_REGISTRIES: ReadonlySet<string> = new Set(table.anonymousRegistries.hosts);
