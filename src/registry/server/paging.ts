import { byCodeUnit } from "../../core/order.ts";
import { RegistryError } from "./error.ts";

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins: the key of the last item; undefined on the last page. */
  readonly next: string | undefined;
}

/**
 * The part of a sorted list that `?n=` and `?last=` ask for.
 * @param items  in code-unit order of `keyOf`
 * @param most   items in a page when `n` is absent, or greater
 * @throws {RegistryError} PAGINATION_NUMBER_INVALID
 */
export function page<T>(items: readonly T[], keyOf: (item: T) => string, query: URLSearchParams, most: number = items.length): Page<T> {
  const asked = query.get("n");
  if (asked !== null && !/^\d{1,9}$/.test(asked)) throw new RegistryError("PAGINATION_NUMBER_INVALID", { detail: { n: asked.slice(0, 40) } });
  const last = query.get("last");
  const rest = last === null ? items : items.filter((item) => byCodeUnit(keyOf(item), last) > 0);
  const count = Math.min(asked === null ? most : Number(asked), most);
  const taken = rest.slice(0, count);
  const end = taken.at(-1);
  return { items: taken, next: end !== undefined && rest.length > taken.length ? keyOf(end) : undefined };
}

/** The Link header that leads to the next page; no header on the last one. */
export function linkHeader(path: string, query: URLSearchParams, next: string | undefined): Record<string, string> {
  if (next === undefined) return {};
  const params = new URLSearchParams(query);
  params.set("last", next);
  return { link: `<${path}?${params.toString()}>; rel="next"` };
}
