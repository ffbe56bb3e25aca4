/**
 * `make`, asked once for each object that `keyOf` names (its first argument unless told): rules look at the same build, step or image again and again. What it gave
 * first is given again, undefined too. Forgotten with the object.
 */
export function remembered<A extends readonly [object, ...unknown[]], R>(
  make: (...given: A) => R,
  keyOf: (...given: A) => object = (...given) => given[0],
): (...given: A) => R {
  const results = new WeakMap<object, { readonly result: R }>();
  return (...given) => {
    const key = keyOf(...given);
    const before = results.get(key);
    if (before !== undefined) return before.result;
    const result = make(...given);
    results.set(key, { result });
    return result;
  };
}
