// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell scripts
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadGrammar } from "../adapters/node/grammars.ts";
import { followScript, type Start, type Step } from "./follow.ts";
import { handedOn } from "./github-files.ts";
import { loadShellGrammar, type ShellGrammar } from "./grammar.ts";
import { parseScript } from "./parse.ts";
import { type Piece, textOf, type Value } from "./values.ts";

let grammar: ShellGrammar;
beforeAll(async () => {
  grammar = await loadShellGrammar(loadGrammar);
});

const START: Start = {
  variables: new Map([
    ["REF", "refs/tags/v1.2"],
    ["IMAGE", "Ghcr.io/Me/App"],
    ["EMPTY", ""],
    ["SECRET", undefined],
  ]),
  othersUnset: true,
  expression: (text) => (text === "matrix.p" ? "linux/arm64" : text === "inputs.flags" ? "--push  --load" : undefined),
  stopsAtError: true,
};

const shownPieces = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => (piece.kind === "text" ? piece.text : `<${piece.choices?.join("|") ?? piece.source}${piece.many ? "*" : ""}>`)).join("");
const shown = ({ pieces }: Value): string => shownPieces(pieces);
const follow = (script: string, start: Start = START): readonly Step[] => followScript(parseScript(script, grammar), start).steps;
const lines = (script: string): string[] => follow(script).map(({ words }) => words.map(shown).join(" "));
/** The last command's words, parted by `|`. */
const last = (script: string): string | undefined => follow(script).at(-1)?.words.map(shown).join(" | ");

describe("what a word becomes", () => {
  test.each<readonly [name: string, script: string, words: string]>([
    ["an assigned variable", "A=x\necho $A ${A}y \"$A z\" '$A'", "echo | x | xy | x z | $A"],
    ["a variable of the environment", 'echo "$REF"', "echo | refs/tags/v1.2"],
    ["one of unknown value", 'echo "$SECRET" $SECRET', "echo | <$SECRET> | <$SECRET*>"],
    ["an unset one", 'echo $NONE "$NONE" a', "echo |  | a"],
    ["an unquoted one of several words", 'F="--push -t a"\ndocker build $F . "$F"', "docker | build | --push | -t | a | . | --push -t a"],
    ["blanks at its ends", 'F=" a "\necho x$F"y"', "echo | x | a | y"],
    ["an expression", "echo ${{ matrix.p }} ${{ secrets.T }} ${{ inputs.flags }}", "echo | linux/arm64 | <${{ secrets.T }}*> | --push | --load"],
    ["a substitution", 'echo a:$(date) "$(date)"', "echo | a:<$(date)*> | <$(date)>"],
    ["a default", "echo ${NONE:-d} ${EMPTY:-e} ${EMPTY-f}g ${REF:+h} ${NONE:+i}j", "echo | d | e | g | h | j"],
    [
      "cutting",
      'echo "${REF#refs/tags/}" ${REF##*/} ${REF%/*} ${REF%%/*} ${IMAGE,,} ${REF#x}',
      "echo | v1.2 | v1.2 | refs/tags | refs | ghcr.io/me/app | refs/tags/v1.2",
    ],
    ["an array", 'a=(--push "-t x")\na+=(y)\ndocker build "${a[@]}" .', "docker | build | --push | -t x | y | ."],
    ["an appended text", "A=x\nA+=y\necho $A", "echo | xy"],
    ["an unknown part stays in its word", "A=v-$SECRET\necho $A:latest", "echo | v-<$SECRET*>:latest"],
    ["arguments of a function", 'f() { echo "$1" "$2" "$@" $3; }\nf a "b c"', "echo | a | b c | a | b c"],
    ["shifted arguments", 'f() { shift; echo "$1"; }\nf a b', "echo | b"],
    ["arguments handed on", 'f() { g x "$@"; }; g() { echo "$@"; }\nf a b', "echo | x | a | b"],
    ["no arguments of the script", 'echo "$@" "$1" x', "echo |  | x"],
  ])("%s", (_, script, words) => {
    expect(last(script)).toBe(words);
  });
});

describe("what certainly does not run is left out", () => {
  test.each<readonly [name: string, script: string, lines: readonly string[]]>([
    ["the other branch", 'if [ "$REF" = x ]; then a; elif [ -n "$EMPTY" ]; then b; else c; fi', ["c"]],
    ["what was assigned in a branch is asked before", "A=1\nif [ $A = 1 ]; then A=2; else b; fi\n[ $A = 2 ] && c", ["c"]],
    ["a branch behind an unknown one", 'if [ "$SECRET" = x ]; then a; elif [ a ]; then b; else c; fi', ["a", "b"]],
    ["a function's arguments", 'f() { [ "$1" = x ] && a; }\nf x\nf y', ["f x", "a", "f y"]],
    ["an inner script", 'bash -c "[ a = b ] || a"', ["bash -c [ a = b ] || a", "a"]],
    ["counters are not followed", "i=0\n((i++))\n[ $i -eq 1 ] && a", ["a"]],
    ["rounds may differ", "for p in a b; do [ $p = a ] && x; done", ["x"]],
    ["a case", 'case "$REF" in refs/heads/*|main) a;; refs/tags/*) b;; *) c;; esac', ["b"]],
    ["a case that falls through", 'case "$REF" in refs/tags/*) a;& *) b;; esac', ["a", "b"]],
    ["an end", "[ a = a ] && exit 0\na", ["exit 0"]],
    ["an end that does not come", "[ a = b ] && exit 0\na", ["a"]],
    ["an end of a subshell", "([ a = a ] && exit 0)\na", ["exit 0", "a"]],
    ["a loop is not entered for good", "while [ a = b ]; do a; done", ["a"]],
  ])("%s", (_, script, expected) => {
    expect(lines(script)).toEqual(expected);
  });
});

test("a script finds its arguments, pieces of variables, and what substitutions are known to be", () => {
  const word = { parts: [], span: { start: 0, end: 0 } };
  const start: Start = {
    variables: new Map([
      [
        "TAG",
        [
          { kind: "text", text: "v-" },
          { kind: "unknown", source: "${{ x }}", expression: "x", many: false },
        ],
      ],
    ]),
    othersUnset: false,
    unset: new Set(["NONE"]),
    arguments: [
      { pieces: [{ kind: "text", text: "a" }], word },
      { pieces: [{ kind: "text", text: "b" }], word },
    ],
    substitution: (source) => (source === "$(pwd)" ? "/src" : undefined),
    expression: () => undefined,
    stopsAtError: false,
  };
  expect(follow('echo "$1" "$TAG" "${NONE:-d}" "$OTHER" "$(pwd)"', start).at(-1)?.words.map(shown)).toEqual([
    "echo",
    "a",
    "v-<${{ x }}>",
    "d",
    "<$OTHER>",
    "/src",
  ]);
  expect(follow('shift\necho "$1" "$@"', start).at(-1)?.words.map(shown)).toEqual(["echo", "b", "b"]);
});

describe("what a variable holds", () => {
  test.each<readonly [name: string, script: string, words: string]>([
    ["under the same condition it is certain", "if a; then A=x; echo $A; fi", "echo | x"],
    ["after a condition it is one of several", 'A=x\nif a; then A=y; fi\necho "$A"', "echo | <y|x>"],
    ["in another branch it does not exist", "A=x\nif a; then A=y; else echo $A; fi", "echo | x"],
    ["an unset variable and a condition", '[ -n "$SECRET" ] && A=y\necho "$A"', "echo | <y|>"],
    ["a chain of &&", "a && A=x && echo $A", "echo | x"],
    ["behind || it is uncertain", 'a || A=x\necho "$A"', "echo | <x|>"],
    ["a subshell forgets", "A=x\n(A=y; b)\necho $A", "echo | x"],
    ["inside the subshell it holds", "A=x\n(A=y; echo $A)", "echo | y"],
    ["a loop's variable", "for p in linux/amd64 linux/arm64; do echo a-$p; done", "echo | a-<linux/amd64|linux/arm64*>"],
    ["a loop of one", "for p in x; do echo $p; done", "echo | x"],
    ["a loop over something unknown", 'for p in $SECRET; do echo "$p"; done', "echo | <$p>"],
    ["assigned later in the loop", 'A=x\nfor p in 1 2; do echo "$A"; A=y; done', "echo | <$A>"],
    ["a local variable", "A=x\nf() { local A=y; }\nf\necho $A", "echo | x"],
    ["a function's global variable", "f() { A=y; }\nf\necho $A", "echo | y"],
    ["read", 'A=x\nread -r A < f\necho "$A"', "echo | <$A>"],
    ["another script is read in", 'A=x\n. ./env.sh\necho "$A" "$NONE"', "echo | <$A> | <$NONE>"],
    ["unset", "A=x\nunset A\necho a$A", "echo | a"],
  ])("%s", (_, script, words) => {
    expect(last(script)).toBe(words);
  });

  test("a case gives every branch its own", () => {
    expect(lines('case $SECRET in a) P=1; echo $P;; b) echo "$P";; esac\necho "$P"')).toEqual(["echo 1", "echo ", "echo <1|>"]);
  });

  test("a program sees its own variables and exported ones only", () => {
    const steps = follow("A=1\nexport B=2\nC=3\nexport C\nD=4 docker build .\nset -a\nE=5\ndocker push x");
    const seen = (step: Step | undefined, name: string): string | undefined => {
      const held = step?.environment(name);
      return held?.kind === "text" ? textOf(held) : held?.kind;
    };
    expect(["A", "B", "C", "D", "E", "REF", "SECRET"].map((name) => seen(steps[0], name))).toEqual([
      "unset",
      "2",
      "3",
      "4",
      "unset",
      "refs/tags/v1.2",
      "unknown",
    ]);
    expect(["A", "D", "E"].map((name) => seen(steps.at(-1), name))).toEqual(["unset", "unset", "5"]);
  });
});

test.each<readonly [name: string, script: string, directory: string | undefined]>([
  ["at first", "x", "."],
  ["after cd", "cd a/b\nx", "a/b"],
  ["after several", "cd a\ncd ..//c/\nx", "c"],
  ["behind &&", "cd a && x", "a"],
  ["an absolute one", "cd /src\nx", "/src"],
  ["after a subshell", "(cd a && y)\nx", "."],
  ["in a subshell", "cd a; (cd b && x)", "a/b"],
  ["an unknown one", "cd $SECRET\nx", undefined],
  ["perhaps", "if a; then cd b; fi\nx", undefined],
  ["pushd and popd", "pushd a\npopd\nx", "."],
  ["home", "cd\nx", undefined],
])("the directory %s", (_, script, directory) => {
  expect(follow(script).at(-1)?.directory).toBe(directory);
});

test.each<readonly [script: string, stops: boolean]>([
  ["x", true],
  ["set +e\nx", false],
  ["set +e\nset -euo pipefail\nx", true],
  ["set +o errexit\nx", false],
  ["if a; then set +e; fi\nx", false],
  ["(set +e; y)\nx", true],
])("%j stops at an error: %s", (script, stops) => {
  expect(follow(script).at(-1)?.stopsAtError).toBe(stops);
});

describe("handedOn", () => {
  const written = (script: string): string[] => handedOn(follow(script)).map(({ file, name, value }) => `${file} ${name ?? "-"}=${shownPieces(value)}`);
  test.each<readonly [name: string, script: string, entries: readonly string[]]>([
    ["echo", 'echo "A=b" >> $GITHUB_ENV\necho "t=x:${SECRET}" >> "$GITHUB_OUTPUT"', ["env A=b", "output t=x:<${SECRET}>"]],
    ["a group", '{ echo "A=1"; echo B=2; } >> "${GITHUB_ENV}"', ["env A=1", "env B=2"]],
    ["a here-document", "cat <<EOF >> $GITHUB_ENV\nA=$REF\n\nB=2\nEOF", ["env A=refs/tags/v1.2", "env B=2"]],
    ["tee", 'echo "A=1" | tee -a $GITHUB_ENV\ntee -a $GITHUB_OUTPUT <<< "b=2"', ["env A=1", "output b=2"]],
    [
      "a value of several lines",
      'echo "tags<<END" >> $GITHUB_OUTPUT\necho "$SECRET" >> $GITHUB_OUTPUT\necho b >> $GITHUB_OUTPUT\necho END >> $GITHUB_OUTPUT',
      ["output tags=<$SECRET>\nb"],
    ],
    ["printf", "printf 'A=%s\\nB=%s\\n' x \"$SECRET\" >> $GITHUB_ENV", ["env A=x", "env B=<$SECRET>"]],
    ["a path", "echo /opt/bin >> $GITHUB_PATH", ["path -=/opt/bin"]],
    ["something unknown", "make env >> $GITHUB_ENV", ["env -=<>"]],
    ["the old way", 'echo "::set-output name=tag::v$SECRET"', ["output tag=v<$SECRET>"]],
    ["other files", "echo A=1 >> file\necho B=2 2>> $GITHUB_ENV\necho C=3", []],
  ])("%s", (_, script, entries) => {
    expect(written(script)).toEqual(entries);
  });
});

test("never throws", () => {
  const tokens = [
    "A=x",
    "A+=$A",
    "$A",
    '"$@"',
    " ",
    "\n",
    "; ",
    "&& ",
    "if a; then ",
    "fi\n",
    "for A in ",
    "do ",
    "done\n",
    "f() { ",
    "}\n",
    "f ",
    "echo ",
    "${A#*",
    "}",
    ">> $GITHUB_ENV ",
    "cd ",
    "set -e",
    "shift ",
  ];
  const scripts = fc.array(fc.constantFrom(...tokens), { maxLength: 30 }).map((all) => all.join(""));
  fc.assert(
    fc.property(scripts, (script) => {
      const steps = follow(script);
      for (const { words } of steps) for (const { word } of words) expect(word.span.end).toBeLessThanOrEqual(script.length);
      handedOn(steps);
    }),
    { numRuns: 300 },
  );
});
