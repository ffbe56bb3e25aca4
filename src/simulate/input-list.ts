/** How an action reads a list input. */
export interface ListReading {
  /** Commas part items too. */
  readonly commas: boolean;
  /** Lines that begin with `#` are left out. */
  readonly comment: boolean;
  /** Double quotes hold commas and line breaks together. */
  readonly quotes: boolean;
}

/**
 * The items of a list input as the Docker actions read it: lines are CSV records; where commas do not count, a record's fields are joined again (without
 * their quotes). A quote within a field is a character. Items are trimmed, empty ones left out.
 */
export function listItems(input: string, how: ListReading): string[] {
  return recordsOf(input.trim(), how)
    .flatMap((fields) => (how.commas ? fields.flatMap((field) => (fields.length === 1 ? field.split(",") : [field])) : [fields.join(",")]))
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** The fields of one CSV record. */
export const fieldsOf = (record: string): string[] => recordsOf(record, { comment: false, quotes: true })[0] ?? [];

function recordsOf(text: string, { comment, quotes }: Omit<ListReading, "commas">): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const end = lineEnd(text, at);
    if (end === at || (comment && text[at] === "#")) {
      at = pastBreak(text, end);
      continue;
    }
    const fields: string[] = [];
    for (;;) {
      const field = quotes && text[at] === '"' ? quotedField(text, at) : plainField(text, at);
      fields.push(field.value);
      at = field.end;
      if (text[at] !== ",") break;
      at++;
    }
    records.push(fields);
    at = pastBreak(text, at);
  }
  return records;
}

interface Field {
  readonly value: string;
  /** Of the comma, the line break or the text's end behind it. */
  readonly end: number;
}

function plainField(text: string, start: number): Field {
  let end = start;
  while (end < text.length && !",\n\r".includes(text[end] ?? "")) end++;
  return { value: text.slice(start, end), end };
}

function quotedField(text: string, start: number): Field {
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== '"') value += text[at];
    else if (text[at + 1] === '"') {
      value += '"';
      at++;
    } else {
      const next = text[at + 1];
      if (next === undefined || ",\n\r".includes(next)) return { value, end: at + 1 };
      // More behind the closing quote: the quotes are characters like others.
      return plainField(text, start);
    }
  }
  return { value, end: text.length };
}

function lineEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && text[end] !== "\n" && text[end] !== "\r") end++;
  return end;
}

const pastBreak = (text: string, at: number): number => (text.startsWith("\r\n", at) ? at + 2 : at + 1);
