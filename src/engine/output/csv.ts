/**
 * The fields of one line of CSV as Go's `encoding/csv` reads it: commas part, a field that begins with `"` ends at the next lone `"` and holds `""` for one.
 * @returns undefined when a quote stands where none may
 * @see tonistiigi/go-csvvalue, read 2026-11-22
 */
export function csvFields(line: string): readonly string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = "";
    if (line[at] === '"') {
      at++;
      for (;;) {
        const quote = line.indexOf('"', at);
        if (quote === -1) return undefined;
        field += line.slice(at, quote);
        at = quote + 1;
        if (line[at] !== '"') break;
        field += '"';
        at++;
      }
      if (at < line.length && line[at] !== ",") return undefined;
    } else {
      const comma = line.indexOf(",", at);
      const end = comma === -1 ? line.length : comma;
      field = line.slice(at, end);
      if (field.includes('"')) return undefined;
      at = end;
    }
    fields.push(field);
    if (at >= line.length) return fields;
    at++;
  }
}

/** One line of CSV; a field with a comma or a quote in it is quoted. */
export const csvLine = (fields: readonly string[]): string =>
  fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
