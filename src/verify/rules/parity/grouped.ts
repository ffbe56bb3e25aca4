/** What has one key, in the order in which keys are met. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const before = found.get(key);
    if (before === undefined) found.set(key, [item]);
    else before.push(item);
  }
  return [...found.values()];
}
