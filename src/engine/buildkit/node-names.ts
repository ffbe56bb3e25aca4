/**
 * What each address is shown as before a node's steps: its host alone where that tells it from the others, else as much as does.
 * @param addresses  each its own
 */
export function shortNames(addresses: readonly string[]): readonly string[] {
  const ways = [hostOf, hostWithPort, (address: string) => address];
  const way = ways.find((one) => new Set(addresses.map(one)).size === addresses.length);
  return way === undefined ? addresses : addresses.map(way);
}

function hostOf(address: string): string {
  const url = urlOf(address);
  return url === undefined ? address : url.hostname || (url.pathname.split("/").at(-1) ?? "").replace(/\.sock$/, "") || url.protocol.slice(0, -1);
}

function hostWithPort(address: string): string {
  const url = urlOf(address);
  return url === undefined ? address : url.host || url.pathname || url.protocol.slice(0, -1);
}

const urlOf = (address: string): URL | undefined => (URL.canParse(address) ? new URL(address) : undefined);
