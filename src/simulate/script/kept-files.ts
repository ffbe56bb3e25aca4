import { posix } from "node:path";
import type { SourceFile, Span } from "../../core/span.ts";
import type { ShellGrammar } from "../../shell/grammar.ts";
import { type Makefile, type MakeInclude, type MakeStatement, parseMakefile } from "../../shell/makefile.ts";
import { parseScript } from "../../shell/parse.ts";
import type { Script } from "../../shell/script.ts";
import type { RepositoryFiles } from "../files.ts";
import type { Readers } from "../readers.ts";

/** A Makefile with what it includes. */
export interface WholeMakefile {
  readonly makefile: Makefile;
  /** All text of it, for a quick look. */
  readonly text: string;
  /** Files that it includes and that are not there: rules and variables may be missing. */
  readonly complete: boolean;
  /** Where a span of its statements is. */
  place(span: Span): { readonly file: SourceFile; readonly span: Span };
}

/** Makefiles that include Makefiles that include … */
const MOST_INCLUDES = 50;

/** Of more scripts than these, the first are forgotten: a process may study many repositories. */
const MOST_SCRIPTS = 10_000;

const scripts = new WeakMap<ShellGrammar, Map<string, Script>>();
const makefiles = new WeakMap<RepositoryFiles, Map<string, WholeMakefile | undefined>>();

/** A script as data, read once however often it comes; undefined without a grammar. */
export function scriptOf(text: string, { shell }: Readers): Script | undefined {
  if (shell === undefined) return undefined;
  let all = scripts.get(shell);
  if (all === undefined || all.size >= MOST_SCRIPTS) {
    all = new Map();
    scripts.set(shell, all);
  }
  let script = all.get(text);
  if (script === undefined) {
    script = parseScript(text, shell);
    all.set(text, script);
  }
  return script;
}

/** The Makefile at a path of the repository, run in a folder, with the files that it includes by plain names; undefined when there is none. Its mistakes are complained of. */
export function makefileAt(path: string, directory: string, readers: Readers): WholeMakefile | undefined {
  let all = makefiles.get(readers.files);
  if (all === undefined) {
    all = new Map();
    makefiles.set(readers.files, all);
  }
  const key = `${directory}\0${path}`;
  if (!all.has(key)) all.set(key, readWhole(path, directory, readers));
  return all.get(key);
}

function readWhole(path: string, directory: string, readers: Readers): WholeMakefile | undefined {
  const read = readers.files.read(path);
  if (read.kind !== "text") return undefined;
  const stretches: { readonly file: SourceFile; readonly from: number }[] = [];
  const seen = new Set<string>();
  let length = 0;
  let complete = true;
  const statements: MakeStatement[] = [];
  const take = (file: SourceFile, name: string): void => {
    seen.add(name);
    const from = length;
    stretches.push({ file, from });
    length += file.text.length + 1;
    const makefile = parseMakefile(file.text);
    readers.complain(makefile.complaints.map(({ span, ...complaint }) => ({ ...complaint, place: { file, span } })));
    for (const statement of makefile.statements) {
      if (statement.kind !== "include") {
        statements.push(moved(statement, from));
        continue;
      }
      const included = statement.conditions.length > 0 ? undefined : includedBy(statement, directory, readers);
      for (const one of included ?? []) if (!seen.has(one.path) && seen.size < MOST_INCLUDES) take(one.file, one.path);
      if (included === undefined) {
        complete = false;
        statements.push(moved(statement, from));
      }
    }
  };
  take(read.file, path);
  return {
    makefile: { statements, complaints: [] },
    text: stretches.map(({ file }) => file.text).join("\n"),
    complete,
    place: (span) => {
      const stretch = stretches.findLast(({ from }) => from <= span.start) ?? { file: read.file, from: 0 };
      return { file: stretch.file, span: { start: span.start - stretch.from, end: span.end - stretch.from } };
    },
  };
}

/** The files, or undefined when one of them is not there or has no plain name. */
function includedBy({ files }: MakeInclude, directory: string, readers: Readers): readonly { readonly path: string; readonly file: SourceFile }[] | undefined {
  const found: { readonly path: string; readonly file: SourceFile }[] = [];
  for (const name of files.split(/\s+/)) {
    if (name === "" || /[$*?[%]/.test(name)) return undefined;
    const path = posix.join(directory, name);
    const read = readers.files.read(path);
    if (read.kind !== "text") return undefined;
    found.push({ path, file: read.file });
  }
  return found;
}

function moved(statement: MakeStatement, by: number): MakeStatement {
  if (by === 0) return statement;
  const span = shifted(statement.span, by);
  return statement.kind === "rule"
    ? { ...statement, span, recipe: statement.recipe.map((line) => ({ ...line, span: shifted(line.span, by) })) }
    : { ...statement, span };
}

const shifted = ({ start, end }: Span, by: number): Span => ({ start: start + by, end: end + by });
