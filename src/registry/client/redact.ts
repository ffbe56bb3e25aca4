/** Query keys of the protocol: their values tell what was asked. Any other may be a signature. */
const SHOWN_KEYS: ReadonlySet<string> = new Set(["n", "last", "digest", "mount", "from", "artifactType", "ns", "service", "scope"]);
const LONGEST_QUOTE = 300;

/** An address for people: no user and password, no fragment, values only of known query keys. */
export function redactedUrl(url: URL): string {
  const query = [...url.searchParams].map(([key, value]) => (SHOWN_KEYS.has(key) ? `${clean(key)}=${clean(value)}` : `${clean(key)}=…`));
  return `${url.protocol}//${url.host}${url.pathname}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

/** Words of a stranger on one line: no control characters, at most 300 of them. */
export function clean(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

/** {@link clean}, and whatever looks like a credential is taken out: a server may echo what we sent, or hand us someone's token. */
export function cleanWords(text: string): string {
  return clean(
    text
      .replace(/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, "$1 …")
      .replace(/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?/g, "…")
      .replace(/("?(?:access_|refresh_|id_)?(?:token|password|secret)"?\s*[:=]\s*"?)[^\s"&,}]+/gi, "$1…")
      .replace(/\b(https?:\/\/)[^\s/]+@/gi, "$1")
      .replace(/\b(X-Amz-[A-Za-z-]+|sig|signature|Signature|Key-Pair-Id|Policy)=[^\s&"<]+/g, "$1=…"),
  );
}
