const NUMBERS = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/;

/** Whether a version is `least` or newer, by its first three numbers; absent ones are 0. Undefined when `version` is no version. */
export function atLeast(version: string, least: string): boolean | undefined {
  const [a, b] = [numbers(version), numbers(least)];
  if (a === undefined || b === undefined) return undefined;
  const i = a.findIndex((number, at) => number !== b[at]);
  return i === -1 || (a[i] as number) > (b[i] as number);
}

function numbers(version: string): number[] | undefined {
  const found = NUMBERS.exec(version);
  return found === null ? undefined : [1, 2, 3].map((i) => Number(found[i] ?? 0));
}
