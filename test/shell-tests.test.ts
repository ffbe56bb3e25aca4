// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell scripts
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { loadGrammar } from "../src/adapters/node/grammars.ts";
import { followScript } from "../src/shell/follow.ts";
import { loadShellGrammar, type ShellGrammar } from "../src/shell/grammar.ts";
import { parseScript } from "../src/shell/parse.ts";

const hasBash = spawnSync("bash", ["-c", "true"]).status === 0;

const VARIABLES: Readonly<Record<string, string>> = { A: "refs/tags/v1.2", B: "b c", E: "", N: "7", STAR: "a*" };

/** `undefined`: nothing is claimed, whatever bash says. */
const TESTS: readonly (readonly [test: string, claimed: boolean | undefined])[] = [
  ['[ "$A" = refs/tags/v1.2 ]', true],
  ['[ "$A" == "refs/tags/v1.2" ]', true],
  ['[ "$A" != x ]', true],
  ["[ $A = refs/tags/* ]", false],
  ["[[ $A = refs/tags/* ]]", true],
  ['[[ $A = "refs/tags/*" ]]', undefined],
  ["[[ $A == refs/* && -n $B ]]", true],
  ["[[ $A == x || ( -z $E && -n $A ) ]]", true],
  ["[[ $A == $STAR ]]", undefined],
  ["[[ ! $A == refs/* ]]", false],
  ["[[ $A =~ ^refs ]]", undefined],
  ['[ -z "$E" ]', true],
  ["[ -z $E ]", true],
  ["[ -n $E ]", true],
  ['[ -n "$E" ]', false],
  ['[ "$E" ]', false],
  ["[ $E ]", false],
  ["[ x ]", true],
  ['[ ! "$E" ]', true],
  ['[ ! -n "$E" -o a = b ]', true],
  ['[ -n "$A" -a "$A" != x ]', true],
  ["[ $N -gt 6 ]", true],
  ["[ $N -le 6 ]", false],
  ["[[ $N -eq 7 ]]", true],
  ['test "$B" = "b c"', true],
  ['test -z "$A"', false],
  ["! test a = b", true],
  ["[ a = b ] || [ c = c ]", true],
  ["[ a = a ] && ! [ c = c ]", false],
  ["true && ! false", true],
  ["[ -f /no/such/file ]", undefined],
  ["[ $B = b ]", undefined],
  ["[ = = = ]", true],
  ['[ "$E" = "" ]', true],
  ["[ ]", false],
];

describe.skipIf(!hasBash)("what bash says to tests (skipped where there is none)", () => {
  let grammar: ShellGrammar;
  beforeAll(async () => {
    grammar = await loadShellGrammar(loadGrammar);
  });

  test.each(TESTS)("%s", (condition, claimed) => {
    const script = `if ${condition}; then echo yes; else echo no; fi`;
    const start = { variables: new Map(Object.entries(VARIABLES)), othersUnset: true, expression: () => undefined, stopsAtError: true };
    const { steps, entered } = followScript(parseScript(script, grammar), start);
    const ran = steps
      .map(({ words }) => words.flatMap(({ pieces }) => pieces.map((piece) => (piece.kind === "text" ? piece.text : ""))).join(" "))
      .filter((line) => line.startsWith("echo "));
    if (claimed === undefined) expect(ran).toEqual(["echo yes", "echo no"]);
    else {
      expect(spawnSync("bash", ["-c", script], { encoding: "utf8", env: { PATH: process.env.PATH, ...VARIABLES } }).stdout).toBe(claimed ? "yes\n" : "no\n");
      expect(ran).toEqual([claimed ? "echo yes" : "echo no"]);
      expect(entered.size).toBeGreaterThan(0);
    }
  });
});
