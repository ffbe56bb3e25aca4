import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "../core/problem.ts";
import { expandWord, expandWords } from "./words.ts";

const variables = new Map([
  ["A", "apple"],
  ["EMPTY", ""],
  ["PATH_", "/usr/local/bin"],
  ["FILE", "dir/archive.tar.gz"],
  ["TWO", "two words"],
  ["LINES", "first\nsecond"],
  ["DOLLAR", "a$A"],
  ["größe", "7"],
]);

const value = (text: string, escaping: "\\" | "`" = "\\", mode?: "word" | "heredoc" | "display"): string =>
  expandWord(text, variables, mode === undefined ? { escape: escaping } : { escape: escaping, mode }).value;

describe("expandWord", () => {
  test.each([
    ["plain text", "no variable", "no variable"],
    ["bare name", "x$A-y", "xapple-y"],
    ["bare name ends at what cannot be in it", "$A.txt", "apple.txt"],
    ["braces", "${A}s", "apples"],
    ["unset is empty", "[$NONE${NONE}]", "[]"],
    ["value is not expanded again", "$DOLLAR", "a$A"],
    ["letters of any script are letters", "$größe", "7"],
    ["digits alone are a name", "$12abc", "abc"],
    ["special parameters have no value", "$$ $@ $? $!", "   "],
    ["dollar before another character stays", "$. a$", "$. a$"],
    ["escaped dollar", "\\$A", "$A"],
    ["escaped other character", "\\a\\ b", "a b"],
    ["escape at the end vanishes", "a\\", "a"],
    ["single quotes keep all", "'$A \"\\'", '$A "\\'],
    ["double quotes expand", '"$A b"', "apple b"],
    ["double quotes escape only quote, dollar, escape", '"\\$A \\" \\\\ \\n"', '$A " \\ \\n'],
    [":- unset", "${NONE:-x}", "x"],
    [":- empty", "${EMPTY:-x}", "x"],
    [":- set", "${A:-x}", "apple"],
    ["- empty counts as set", "${EMPTY-x}", ""],
    ["- unset", "${NONE-x}", "x"],
    [":+ set", "${A:+x}", "x"],
    [":+ empty", "${EMPTY:+x}", ""],
    ["+ empty counts as set", "${EMPTY+x}", "x"],
    [":? set", "${A:?gone}", "apple"],
    ["? empty counts as set", "${EMPTY?gone}", ""],
    ["nested", "${NONE:-${EMPTY:-${A}}}", "apple"],
    ["quotes within a word", "${NONE:-'a }'\"$A\"}", "a }apple"],
    ["# shortest start", "${FILE#*a}", "rchive.tar.gz"],
    ["## longest start", "${FILE##*a}", "r.gz"],
    ["% shortest end", "${FILE%.*}", "dir/archive.tar"],
    ["%% longest end", "${FILE%%.*}", "dir/archive"],
    ["? in a pattern", "${A#??}", "ple"],
    ["nothing matches", "${A#b}${A%x*}", "appleapple"],
    ["escaped star", "${A#\\*}", "apple"],
    ["escaped slash in a pattern", "${FILE#dir\\/}", "archive.tar.gz"],
    ["/ first match", "${A/p/P}", "aPple"],
    ["// every match", "${A//p/P}", "aPPle"],
    ["/ longest match", "${FILE/a*a/_}", "dir/_r.gz"],
    ["/ nothing left", "${A/p*/}", "a"],
    ["// deletes", "${FILE//[.]/}", "dir/archive.tar.gz"],
    ["// between characters", "${A//*/-}", "-"],
    ["star stops at a newline", "${LINES#*t}", "\nsecond"],
    ["template in //", "${A//p/<$0>}", "a<><>le"],
    ["template escaped in //", "${A//p/(\\$0)}", "a(\\p)(\\p)le"],
    ["heredoc opening is no variable", "cat <<EOF", "cat <<EOF"],
  ])("%s", (_name, text, expected) => expect(value(text)).toBe(expected));

  test("a backtick may be the escape character", () => {
    expect(value("C:\\dir\\$A `$A", "`")).toBe("C:\\dir\\apple $A");
  });

  test("in a here-document quotes are ordinary and the escape is a backslash", () => {
    expect(value(`it's "$A" '$A' \\$A \`$A`, "`", "heredoc")).toBe(`it's "apple" 'apple' $A \`apple`);
  });

  test("for display quotes and unset variables stay", () => {
    expect(value(`'x' "$A" $NONE \${NONE} \${NONE:-y} \${NONE//a/b}`, "\\", "display")).toBe(`'x' "apple" $NONE \${NONE} \${NONE:-y} \${NONE/a/b}`);
  });

  test("tells which names had a value", () => {
    expect(expandWord("$B$A${C:-$A}$B", variables, { escape: "\\" })).toEqual({ value: "appleapple", used: ["A"], unmatched: ["B", "C"] });
  });

  test.each([
    ["unclosed single quote", "a'b", "dockerfile-syntax", /single quote is not closed/],
    ["unclosed double quote", 'a"$A', "dockerfile-syntax", /double quote is not closed/],
    ["unclosed brace", "${A", "dockerfile-syntax", /"}" is missing/],
    ["unclosed brace behind a modifier", "${A:-x", "dockerfile-syntax", /"}" is missing/],
    ["brace at the end", "${", "dockerfile-syntax", /"}" is missing/],
    ["no name", "${}", "dockerfile-syntax", /name is missing/],
    ["unknown modifier", "${A^^}", "dockerfile-syntax", /modifier "\^" does not exist/],
    ["assignment", "${A:=x}", "dockerfile-syntax", /modifier ":=" does not exist/],
    ["colon before a trim", "${A:#x}", "dockerfile-syntax", /modifier ":#" does not exist/],
    ["replacement without its slash", "${A/p}", "dockerfile-syntax", /"\/" is missing/],
    ["bad escape in a pattern", "${A#\\q}", "dockerfile-syntax", /"\\q" is not an escape/],
    ["demanded and unset", "${NONE:?tell me}", "dockerfile-semantics", /NONE has no value: tell me/],
    ["demanded and empty", "${EMPTY:?}", "dockerfile-semantics", /EMPTY is empty$/],
    ["nested too deep", "${N:-".repeat(200) + "}".repeat(200), "limit-exceeded", /nested more than 100 deep/],
  ])("refuses %s", (_name, text, code, message) => {
    let caught: unknown;
    try {
      value(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: "ProblemError", code, message: expect.stringMatching(message) });
  });

  test("refuses to fill the memory", () => {
    const big = new Map([["B", "x".repeat(1024 * 1024)]]);
    expect(() => expandWord("$B".repeat(17), big, { escape: "\\" })).toThrow(/expands to more than/);
  });

  test("a hostile pattern takes no exponential time", () => {
    const long = new Map([["V", "a".repeat(2000)]]);
    const pattern = "*a".repeat(60);
    expect(expandWord(`\${V%%${pattern}b}`, long, { escape: "\\" }).value).toBe("a".repeat(2000));
    expect(() => expandWord(`\${V//${"?*".repeat(10_000)}/x}`, long, { escape: "\\" })).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
  });
});

describe("expandWords", () => {
  test.each([
    ["splits", "a  b\tc", ["a", "b", "c"]],
    ["splits values", "$TWO", ["two", "words"]],
    ["keeps quoted values whole", '"$TWO"', ["two words"]],
    ["joins what touches", `a"b c"'d'`, ["ab cd"]],
    ["keeps escaped space", "a\\ b", ["a b"]],
    ["gives nothing for nothing", "$NONE '' ", []],
    ["keeps a here-document's name with its opening", "cat << EOF x", ["cat", "<< EOF", "x"]],
    ["forgets what stands before a nested word, as BuildKit", "80${NONE:-81}", ["81"]],
  ])("%s", (_name, text, expected) => expect(expandWords(text, variables, { escape: "\\" }).values).toEqual(expected));
});

test("text without dollars, quotes and escapes is its own expansion", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const plain = text.replace(/[$'"\\]|^\ufeff/g, "");
      expect(value(plain)).toBe(plain);
    }),
  );
});

test("any text expands or is a problem", () => {
  const piece = fc.constantFrom("$", "{", "}", "${", "A", "NONE", "FILE", ":", "-", "+", "?", "#", "%", "/", "*", "\\", "'", '"', " ", "<<", "é");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.constantFrom("word" as const, "heredoc" as const, "display" as const), (pieces, mode) => {
      try {
        expect(typeof value(pieces.join(""), "\\", mode)).toBe("string");
      } catch (error) {
        if (!isProblem(error)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
