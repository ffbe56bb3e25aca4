import type { Complaint } from "../core/complaint.ts";
import { nearest } from "../core/nearest.ts";
import { positionOf, type SourceFile, type Span } from "../core/span.ts";
import { parseYaml } from "../yaml/parse.ts";
import { resolved, type YamlEntry, type YamlMapping, type YamlNode, type YamlScalar } from "../yaml/tree.ts";
import type { Severity } from "./finding.ts";
import type { Ignore } from "./ignore.ts";
import { matchesGlob } from "./path-glob.ts";
import { SEVERITIES } from "./severity.ts";

/** Where a repository says how it wants to be looked at. */
export const CONFIG_FILE = "multihull.yaml";

/** What `multihull.yaml` says. */
export interface Config {
  readonly ignores: readonly Ignore[];
  /** Undefined: not said. */
  readonly failOn: Severity | undefined;
  readonly complaints: readonly Complaint[];
}

/** More entries are no list that anyone keeps. */
const MOST_IGNORES = 1000;

/** Reads it. What cannot be understood is complained about, and the rest counts. */
export function readConfig(file: SourceFile): Config {
  const { root, complaints: ofYaml } = parseYaml(file);
  const reader = new Reader(file);
  const top = root === undefined ? undefined : reader.mapping(root, "the file");
  let ignores: readonly Ignore[] = [];
  let failOn: Severity | undefined;
  for (const { key, value } of top === undefined ? [] : reader.entries(top, ["ignore", "fail-on"])) {
    if (key.text === "ignore") ignores = reader.ignores(value);
    else failOn = reader.severity(value);
  }
  return { ignores, failOn, complaints: [...ofYaml, ...reader.complaints] };
}

class Reader {
  readonly complaints: Complaint[] = [];
  readonly #file: SourceFile;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  ignores(node: YamlNode): readonly Ignore[] {
    const list = resolved(node);
    if (list?.kind !== "sequence") {
      this.#complain(node.span, `"ignore" is no list`, "write one entry a line: `- rule: ID`, with `path` and `reason` below it");
      return [];
    }
    if (list.items.length > MOST_IGNORES)
      this.#complain(node.span, `"ignore" has more than the ${MOST_IGNORES} entries that we read`, "ignore whole folders with a pattern");
    return list.items.slice(0, MOST_IGNORES).flatMap((item) => this.#ignore(item));
  }

  #ignore(node: YamlNode): readonly Ignore[] {
    const mapping = this.mapping(node, 'an entry of "ignore"');
    if (mapping === undefined) return [];
    const given = new Map(this.entries(mapping, ["rule", "path", "reason"]).flatMap(({ key, value }) => this.#text(key, value)));
    const rule = given.get("rule");
    if (rule === undefined) {
      this.#complain(mapping.span, 'an entry of "ignore" names no rule', "add `rule: ID`");
      return [];
    }
    const pattern = given.get("path")?.text;
    const reason = given.get("reason")?.text.trim();
    return [
      {
        rule: rule.text,
        reason: reason === "" ? undefined : reason,
        place: { file: this.#file, span: rule.span },
        by: `${this.#file.name}:${positionOf(this.#file, rule.span.start).line}`,
        covers: (finding) => pattern === undefined || matchesGlob(pattern, finding.place.file.name),
      },
    ];
  }

  severity(node: YamlNode): Severity | undefined {
    const scalar = resolved(node);
    const found = SEVERITIES.find((one) => scalar?.kind === "scalar" && scalar.text === one);
    if (found === undefined) this.#complain(node.span, `"fail-on" is none of ${SEVERITIES.join(", ")}`, "write one of them");
    return found;
  }

  mapping(node: YamlNode, what: string): YamlMapping | undefined {
    const mapping = resolved(node);
    if (mapping?.kind === "mapping") return mapping;
    this.#complain(node.span, `${what} is no mapping`, "write `key: value` lines");
    return undefined;
  }

  /** The entries of known keys; each other one is complained about. */
  entries(mapping: YamlMapping, known: readonly string[]): readonly YamlEntry[] {
    return mapping.entries.filter(({ key }) => {
      if (known.includes(key.text)) return true;
      const near = nearest(key.text, known);
      this.#complain(
        key.span,
        `"${key.text}" is no key of ${this.#file.name} here`,
        near === undefined ? `known ones are ${known.join(", ")}` : `did you mean ${near}?`,
      );
      return false;
    });
  }

  #text(key: YamlScalar, value: YamlNode): [string, YamlScalar][] {
    const scalar = resolved(value);
    if (scalar?.kind === "scalar" && scalar.text !== "") return [[key.text, scalar]];
    this.#complain(value.span, `"${key.text}" is no text`, "write one line of text");
    return [];
  }

  #complain(span: Span, message: string, hint: string): void {
    this.complaints.push({ code: "config-invalid", severity: "error", message, hint, place: { file: this.#file, span } });
  }
}
