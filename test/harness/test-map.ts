import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./multihull.ts";

/** A line of a map in Markdown: `| what | file | test |`. */
export interface MapRow {
  readonly file: string;
  readonly test: string;
}

export function rowsOf(markdown: string): MapRow[] {
  return markdown.split("\n").flatMap((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    return cells.length === 5 && cells[2]?.endsWith(".test.ts") === true ? [{ file: cells[2], test: cells[3] as string }] : [];
  });
}

/** Each part of a test's name stands in its file as the beginning of a text, or behind a variable: titles may be keys of a table, or go on with a variable. */
export function missingParts({ file, test: name }: MapRow, read: (file: string) => string): string[] {
  const text = read(file);
  return name.split(" > ").filter((part) => !['"', "`", "} ", ": ", "\n    ", "\n      "].some((before) => text.includes(`${before}${part}`)));
}

export const readProjectFile = (file: string): string => readFileSync(join(projectRoot, file), "utf8");
