/** True for `localhost` and its sub-domains, 127.0.0.0/8 and ::1; `host` may have a port. */
export function isLoopback(host: string): boolean {
  const bare = host
    .toLowerCase()
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1");
  return bare === "localhost" || bare.endsWith(".localhost") || /^127(?:\.\d{1,3}){3}$/.test(bare) || bare === "::1" || bare === "0:0:0:0:0:0:0:1";
}
