/** Rows in the order of their dates (`YYYY-MM-DD`): the last one that has begun. Undefined before the first. */
export function rowAt<T extends { readonly from: string }>(rows: readonly T[], asOf: string): T | undefined {
  return rows.findLast((row) => row.from <= asOf);
}
