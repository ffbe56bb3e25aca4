/** `make`, asked once for each `key`: several rules look at the same image. Forgotten with the key. */
export function remembered<K extends object, R>(make: (key: K) => R): (key: K) => R {
  const results = new WeakMap<K, { readonly result: R }>();
  return (key) => {
    const before = results.get(key);
    if (before !== undefined) return before.result;
    const result = make(key);
    results.set(key, { result });
    return result;
  };
}
