/** A version number as patterns name its parts. */
export interface VersionNumber {
  readonly parts: Readonly<Record<string, string>>;
  readonly prerelease: boolean;
  /** What a pre-release is called, whatever the pattern. */
  readonly clean: string;
}

const SEMVER = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

export function semver(text: string): VersionNumber | undefined {
  const match = SEMVER.exec(text);
  if (match === null) return undefined;
  const [, major = "", minor = "", patch = "", prerelease, build] = match;
  const version = `${major}.${minor}.${patch}${prerelease === undefined ? "" : `-${prerelease}`}`;
  const parts = { raw: text, version, major, minor, patch, prerelease: (prerelease ?? "").replaceAll(".", ","), build: (build ?? "").replaceAll(".", ",") };
  return { parts, prerelease: prerelease !== undefined, clean: version };
}

const PEP440 =
  /^v?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:(?:[-_.]?(?:post|rev|r)[-_.]?(\d*))|-(\d+))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?$/i;
const NORMAL: Readonly<Record<string, string>> = { alpha: "a", beta: "b", c: "rc", pre: "rc", preview: "rc" };

export function pep440(text: string): VersionNumber | undefined {
  const match = PEP440.exec(text);
  if (match === null) return undefined;
  const [, release = "", stage, stageNumber, post, implicitPost, dev] = match;
  const name = stage?.toLowerCase();
  const local = text.includes("+") ? text.slice(text.indexOf("+")).toLowerCase().replace(/[-_]/g, ".") : "";
  const number = (digits: string | undefined): string => String(Number(digits === undefined || digits === "" ? "0" : digits));
  const isPost = post !== undefined || implicitPost !== undefined;
  const clean = [
    release.split(".").map(number).join("."),
    name === undefined ? "" : `${NORMAL[name] ?? name}${number(stageNumber)}`,
    isPost ? `.post${number(post ?? implicitPost)}` : "",
    dev === undefined ? "" : `.dev${number(dev)}`,
    local,
  ].join("");
  const [major = "0", minor = "0", patch = "0"] = release.split(".").map(number);
  return { parts: { raw: text, version: clean, major, minor, patch }, prerelease: name !== undefined || isPost || dev !== undefined, clean };
}
