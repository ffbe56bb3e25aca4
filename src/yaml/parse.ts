import { Composer } from "yaml";
import type { Complaint } from "../core/complaint.ts";
import type { SourceFile } from "../core/span.ts";
import { complaintsAbout } from "./complaints.ts";
import { convert } from "./convert.ts";
import { YAML_LIMITS, type YamlLimits } from "./limits.ts";
import { readTokens } from "./tokens.ts";
import type { YamlComment, YamlNode } from "./tree.ts";

export interface ParsedYaml {
  /** Undefined when nothing is in the file, or when it could not be read at all. */
  readonly root: YamlNode | undefined;
  /** Every comment of the file, in order. */
  readonly comments: readonly YamlComment[];
  readonly complaints: readonly Complaint[];
}

export interface ParsedYamlDocuments extends Omit<ParsedYaml, "root"> {
  /** One for each document of the file; undefined for an empty one. */
  readonly roots: readonly (YamlNode | undefined)[];
}

/**
 * Reads a file of one YAML 1.2 document (a workflow, an action, a compose file): more documents are an error, and the first one is the root.
 * Never throws: what is wrong is among the complaints, and the tree is what could be read beside it.
 */
export function parseYaml(file: SourceFile, limits: YamlLimits = YAML_LIMITS): ParsedYaml {
  const { roots, comments, complaints } = read(file, limits, true);
  return { root: roots[0], comments, complaints };
}

/** Reads a file of any number of YAML documents (Kubernetes manifests), like {@link parseYaml}. */
export function parseYamlDocuments(file: SourceFile, limits: YamlLimits = YAML_LIMITS): ParsedYamlDocuments {
  return read(file, limits, false);
}

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "indent with spaces",
  BAD_INDENT: "align it with its siblings",
  BAD_ALIAS: "define the anchor before it is used",
  MULTILINE_IMPLICIT_KEY: "put a text that holds a colon and a space, or spans lines, in quotes",
  BLOCK_AS_IMPLICIT_KEY: "put a text that holds a colon and a space in quotes",
};
/** An application's own tags (`!reset`) are no mistake; the tree carries them. */
const NOT_TOLD: ReadonlySet<string> = new Set(["TAG_RESOLVE_FAILED"]);

function read(file: SourceFile, limits: YamlLimits, single: boolean): ParsedYamlDocuments {
  const complaints = complaintsAbout(file);
  const scanned = readTokens(file, limits, complaints);
  if (scanned === undefined) return { roots: [], comments: [], complaints: complaints.list };
  const options = { keepSourceTokens: true, uniqueKeys: false, resolveKnownTags: false, merge: false, logLevel: "silent" } as const;
  const roots: (YamlNode | undefined)[] = [];
  for (const document of new Composer(options).compose(scanned.tokens)) {
    for (const { code, pos, message } of [...document.errors, ...document.warnings]) {
      const within = (at: number): number => Math.min(at, file.text.length);
      if (!NOT_TOLD.has(code)) complaints.say({ span: { start: within(pos[0]), end: within(pos[1]) }, message: asSentence(message), hint: HINTS[code] });
    }
    if (single && roots.length === 1) {
      const [start] = document.range;
      const message = "the file holds more than one document, and one is wanted";
      complaints.say({ span: { start, end: start }, message, hint: 'remove the "---" between them, or put them in files of their own' });
    }
    roots.push(convert(document, file.text, limits, complaints));
  }
  return { roots, comments: scanned.comments, complaints: complaints.list };
}

/** As our messages are: lower-case, no full stop. The library's begin with a capital. */
function asSentence(message: string): string {
  const line = (message.split("\n", 1)[0] as string).replace(/[.:]$/, "");
  return /^[A-Z][a-z ]/.test(line) ? line[0]?.toLowerCase() + line.slice(1) : line;
}
