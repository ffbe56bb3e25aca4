/** OCI distribution 1.1 asks registries to take manifests of at least 4 MiB; nobody sends larger ones. */
export const MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024;
/** One page of tags or referrers. A page of 1,000 tags of the longest kind takes 130 kB. */
export const PAGE_LIMIT_BYTES = 8 * 1024 * 1024;
/** Pages of one listing: with 1,000 tags a page that is a million tags. */
export const PAGE_LIMIT = 1000;
/** What we read of an error's body. */
export const ERROR_BODY_LIMIT_BYTES = 64 * 1024;
/** A token answer: the longest known tokens (many scopes, groups) take some 30 kB. */
export const TOKEN_LIMIT_BYTES = 1024 * 1024;
/** Hops of one request. Real registries need one or two. */
export const REDIRECT_LIMIT = 5;
/** A header with more is not read as challenges. */
export const CHALLENGE_LIMIT_CHARS = 16 * 1024;
/** Longest wait that a registry may ask for before we give up and say so. */
export const RETRY_AFTER_LIMIT_MS = 60_000;
/** First wait between tries; it doubles each time. */
export const BACKOFF_BASE_MS = 250;
export const BACKOFF_LIMIT_MS = 8_000;
/** What a broken download must have gained for its tries to count anew: a server that gives a byte a time must not keep us for ever. */
export const RESUME_GAIN_BYTES = 1024 * 1024;
/** Chunk of an upload where the registry takes no whole blobs and names no size. */
export const CHUNK_BYTES = 16 * 1024 * 1024;
/** Below this, a registry that still finds a chunk too large is not to be helped. */
export const SMALLEST_CHUNK_BYTES = 256 * 1024;
/** Largest minimum of a chunk that we let a registry ask for. */
export const LARGEST_MIN_CHUNK_BYTES = 1024 * 1024 * 1024;
/** Lifetime of a token whose server tells none, by the token specification of distribution. */
export const TOKEN_LIFETIME_MS = 60_000;
/** A token is renewed this long before its end, or a tenth of its life before, whichever is less. */
export const TOKEN_MARGIN_MS = 10_000;
