/**
 * A version as the sources have it: without what differs between architectures though the sources are the same (`+b2`: Debian built the same sources again on
 * that architecture).
 * @see Debian policy 3.2.1, binary NMUs
 */
export const plainVersion = (version: string): string => version.replace(/\+b\d+$/, "");

/** The part of a package's version that its authors gave: without epoch and the distribution's revision (`1:2.36-9+deb12u4` is `2.36`, `3.1.4-r5` is `3.1.4`). */
export function upstreamOf(version: string): string {
  const start = version.indexOf(":") + 1;
  const end = version.lastIndexOf("-");
  return version.slice(start, end <= start ? undefined : end).replace(/[+~](?:really|dfsg|ds|deb|ubuntu|git).*$/, "");
}
