import semver from "semver";

/** Whether a version is within a constraint such as `>= 1.2, < 2`; undefined when one of them is not understood. */
export function satisfies(version: string, constraint: string): boolean | undefined {
  const parsed = semver.coerce(version, { includePrerelease: true });
  const range = semver.validRange(constraint.replaceAll(",", " "));
  return parsed === null || range === null ? undefined : semver.satisfies(parsed, range);
}
