// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell scripts
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { corpusFolder } from "../../test/harness/corpus.ts";
import { loadGrammar } from "../adapters/node/grammars.ts";
import { lazyShellGrammar, type ShellGrammar } from "./grammar.ts";
import { parseScript } from "./parse.ts";
import { literalOf, type Part, runsAlways, type Script, type Statement, type Word } from "./script.ts";
import { readScript, readShell } from "./setting.ts";

const grammarOf = lazyShellGrammar(loadGrammar);
let grammar: ShellGrammar;
beforeAll(async () => {
  grammar = await grammarOf();
});

const shownPart = (part: Part): string => {
  if (part.kind === "text") return part.text;
  if (part.kind === "variable") return `<${part.name}${part.all ? "[]" : ""}${part.operator ?? ""}${part.operand.map(shownPart).join("")}>`;
  return part.kind === "expression" ? `<{${part.text}}>` : `<${part.kind}>`;
};
const shownWord = (word: Word): string => word.parts.map(shownPart).join("");

/** `if#1,loop: sudo> A=b docker build . >>file` */
function shown(statement: Statement): string {
  const within = statement.within.map(({ kind, branch }) => (kind === "if" || kind === "case" ? `${kind}#${branch}` : kind)).join(",");
  const inside = within === "" ? "" : `${within}: `;
  const assigned = (statement.kind === "assign" ? statement.assignments : statement.environment).map(
    ({ name, append, value, elements }) =>
      `${name}${value === undefined && elements === undefined ? "" : append ? "+=" : "="}${elements === undefined ? (value === undefined ? "" : shownWord(value)) : `(${elements.map(shownWord).join(" ")})`}`,
  );
  if (statement.kind === "assign") return `${inside}${[statement.declaration ?? "", ...assigned].join(" ").trim()}`;
  const redirections = statement.redirections.map((one) =>
    one.kind === "here" ? `<<${JSON.stringify(shownWord(one.body))}` : one.kind === "other" ? "&" : `${one.kind}:${one.descriptor}:${shownWord(one.target)}`,
  );
  const wrappers = statement.wrappers.map((name) => `${name}>`);
  return `${inside}${[...wrappers, ...assigned, ...statement.words.map(shownWord), ...redirections].join(" ")}`;
}

const statementsOf = (text: string): string[] => parseScript(text, grammar).statements.map(shown);

describe("parseScript", () => {
  const cases: readonly [name: string, script: string, statements: readonly string[]][] = [
    ["a command over several lines", "docker build \\\n  -t a:b \\\n  .\n", ["docker build -t a:b ."]],
    ["a continuation inside a word", "docker bu\\\nild .", ["docker build ."]],
    ["quotes", `docker build -t "a b"'c'd\\ e "" '\\n' $'x\\ty' "q\\"r\\$s"`, ['docker build -t a bcd e  \\n x\ty q"r$s']],
    ["a comment, and a # inside a word", "docker push a#b # docker push c", ["docker push a#b"]],
    ["echoed commands are words", 'echo "docker build ." && echo docker push x', ["echo docker build .", "and: echo docker push x"]],
    ["a variable before the command", "DOCKER_BUILDKIT=1 X= docker build .", ["DOCKER_BUILDKIT=1 X= docker build ."]],
    [
      "assignments on lines of their own",
      "A=1\nB=2 C=3\nD=4 docker push x\nE=5; docker push y",
      ["A=1", "B=2 C=3", "D=4 docker push x", "E=5", "docker push y"],
    ],
    ["arrays", 'args=(--push -t "a b")\nargs+=(--load)\ndocker build "${args[@]}"', ["args=(--push -t a b)", "args+=(--load)", "docker build <args[]>"]],
    ["declarations", "export A=b C\nlocal x=1\nreadonly R=2\ndeclare -x D=3\nunset A", ["export A=b C", "local x=1", "readonly R=2", "declare D=3", "unset A"]],
    ["and, or", "a && b || c; d", ["a", "and: b", "or: c", "d"]],
    ["if, elif, else", "if test -f x; then a; elif q; then b; else c; fi; d", ["test -f x", "if#0: a", "or: q", "if#1: b", "if#2: c", "d"]],
    ["tests are no commands, what they run is", '[[ $(docker ps) == x ]] && [ -n "$a" ] && b', ["substitution: docker ps", "and: b"]],
    ["case", "case $x in a|b) c;; *) d; e;; esac", ["case#0: c", "case#1: d", "case#1: e"]],
    [
      "loops",
      "for p in a b; do docker push $p; done\nwhile read l; do x; done < f\nuntil y; do z; done",
      ["loop: docker push <p>", "read l read:0:f", "loop: x read:0:f", "y", "loop: z"],
    ],
    [
      "pipes, groups, subshells, background",
      "a | b; { c; d; } >> f; (cd x; e) & g",
      ["pipe: a", "pipe: b", "c append:1:f", "d append:1:f", "background,subshell: cd x", "background,subshell: e", "g"],
    ],
    [
      "a substitution runs before its command",
      "docker tag x:$(git rev-parse HEAD) y:`date`",
      ["substitution: git rev-parse HEAD", "substitution: date", "docker tag x:<substitution> y:<substitution>"],
    ],
    ["process substitution", "diff <(docker ps) x", ["substitution: docker ps", "diff <substitution> x"]],
    ["parameters", 'echo ${A:-b$C} "${D##*/}" ${#E} ${F:1:2} $1 "$@"', ["echo <A:-b<C>> <D##*/> <unknown> <unknown> <1> <@[]>"]],
    ["braces and arithmetic are not read", "echo {a,b} $((1+2)) --format {{.Id}} {x}", ["echo <unknown> <unknown> --format {{.Id}} {x}"]],
    ["redirections", "docker save x > a.tar 2>/dev/null 2>&1 &>> log", ["docker save x write:1:a.tar write:2:/dev/null & append:all:log"]],
    ["a here-document is no command", "cat <<EOF > f\ndocker build .\n$A\nEOF\ndocker push x", ['cat <<"docker build .\\n<A>\\n" write:1:f', "docker push x"]],
    ["a quoted here-document", "docker build - <<'EOF'\nRUN echo $A\nEOF\n", ['docker build - <<"RUN echo $A\\n"']],
    ["an indented here-document in a pipe", "cat <<-EOF | docker build -\n\tFROM a\n\tEOF\nnext", ['cat <<"FROM a\\n"', "pipe: docker build -", "next"]],
    ["a here-string", 'docker login --password-stdin <<< "$T"', ['docker login --password-stdin <<"<T>"']],
    ["a function that is not called", "f() { docker push x; }\necho", ["echo"]],
    ["a function that is called twice", 'f() { docker push "$1"; }\nf a && f b', ["f a", "call: docker push <1>", "and: f b", "and,call: docker push <1>"]],
    ["a function keyword, called in a branch", "function f {\n docker push x\n}\nif a; then f; fi", ["a", "if#0: f", "if#0,call: docker push x"]],
    ["functions that call themselves", "f() { g; }; g() { f; }; f", ["f", "call: g", "call,call: f"]],
    ["an early end", "if a; then exit 0; fi\nb", ["a", "if#0: exit 0", "exit: b"]],
    ["a failing end changes nothing", "a || exit 1\nb", ["a", "or: exit 1", "b"]],
    ["sudo", "sudo -E -u root A=b docker push x", ["sudo> A=b docker push x"]],
    ["wrappers in wrappers", "sudo timeout -k 5 10m nice -n 5 env -i B=c time docker push x", ["sudo> timeout> nice> env> time> B=c docker push x"]],
    [
      "wrappers that only ask",
      "command -v docker; sudo -l; exec docker push x; command docker ps",
      ["command -v docker", "sudo -l", "exec> docker push x", "command> docker ps"],
    ],
    ["retry", "retry 3 docker push x; ./ci/retry.sh -n 5 -- docker pull y", ["retry> docker push x", "./ci/retry.sh> docker pull y"]],
    ["xargs is left alone", "docker ps -q | xargs docker rm", ["pipe: docker ps -q", "pipe: xargs docker rm"]],
    [
      "a script in a word",
      "bash -euo pipefail -c 'docker build . && docker push x'",
      ["bash -euo pipefail -c docker build . && docker push x", "subshell: docker build .", "subshell,and: docker push x"],
    ],
    [
      "a script in a double-quoted word",
      'sudo sh -c "docker push $X:$(date)"',
      ["substitution: date", "sudo> sh -c docker push <X>:<substitution>", "subshell: docker push <X>:<substitution>"],
    ],
    ["eval", 'eval "docker push x"', ["eval docker push x", "docker push x"]],
    ["no script in a word", "bash script.sh -c 'docker push x'", ["bash script.sh -c docker push x"]],
    [
      "expressions",
      `docker build -t a:\${{ github.sha }} --platform='\${{ matrix.p }}' "\${{ f('}}') }}" .`,
      ["docker build -t a:<{github.sha}> --platform=<{matrix.p}> <{f('}}')}> ."],
    ],
    ["an expression for a command", "${{ inputs.cmd }} build\nif ${{ x }}; then docker push y; fi", ["<{inputs.cmd}> build", "<{x}>", "if#0: docker push y"]],
    ["an expression inside a variable's name", "echo ${A_${{ x }}} $${{ y }}", ["echo <unknown> <unknown>"]],
    ["an expression in a here-document", "cat <<EOF\na ${{ b }} c\nEOF", ['cat <<"a <{b}> c\\n"']],
    ["CRLF", "docker build . \\\r\n  --push\r\ndocker push x\r\n", ["docker build . --push", "docker push x"]],
    ["nothing", "", []],
  ];
  test.each(cases)("%s", (_, script, statements) => {
    expect(statementsOf(script)).toEqual(statements);
  });

  test("spans point at what was written", () => {
    const text = 'A=1 sudo docker build -t "x:$TAG" . > log';
    const [command] = parseScript(text, grammar).statements;
    if (command?.kind !== "command") throw new Error("no command");
    expect(command.words.map(({ span }) => text.slice(span.start, span.end))).toEqual(["docker", "build", "-t", '"x:$TAG"', "."]);
    expect(command.words[3]?.parts.map(({ span }) => text.slice(span.start, span.end))).toEqual(["x:", "$TAG"]);
    expect(command.environment.map(({ span }) => text.slice(span.start, span.end))).toEqual(["A=1"]);
  });

  test("spans of a script in a word point into the outer script", () => {
    const text = "x=1; bash -c 'a; sh -c \"docker push y\"'";
    const last = parseScript(text, grammar).statements.at(-1);
    if (last?.kind !== "command") throw new Error("no command");
    expect(last.words.map(({ span }) => text.slice(span.start, span.end))).toEqual(["docker", "push", "y"]);
  });

  test.each([
    ["an open quote", 'docker build .\necho "a', "docker build ."],
    ["an open if", "docker build .\nif a; then b", "docker build ."],
    ["a stray end", "docker build .\n)", "docker build ."],
    ["an open substitution", "docker build .\necho $(a", "docker build ."],
  ])("%s is complained of, and the rest is read", (_, script, first) => {
    const { complaints, statements } = parseScript(script, grammar);
    expect(complaints.length).toBeGreaterThan(0);
    expect(complaints.every(({ code, span }) => code === "script-syntax" && span.end <= script.length)).toBe(true);
    expect(statements.map(shown)).toContain(first);
  });

  test("limits are told", () => {
    expect(parseScript("a".repeat((1 << 20) + 1), grammar).complaints[0]?.code).toBe("limit-exceeded");
    expect(parseScript(`${"(".repeat(400)}a${")".repeat(400)}`, grammar).complaints[0]?.code).toBe("limit-exceeded");
    const many = Array.from({ length: 8 }, (_, i) => `f${i}() { ${`f${i + 1};`.repeat(10)} }`).join("\n");
    expect(parseScript(`${many}\nf8() { a; }\nf0`, grammar).statements.length).toBeLessThanOrEqual(20_000);
  });
});

test.each([
  [undefined, "bash", true, true],
  ["bash", "bash", true, true],
  ["sh", "sh", true, true],
  ["/bin/bash {0}", "bash", true, false],
  ["bash -o errexit {0}", "bash", true, true],
  ["pwsh", "pwsh", false, false],
  ["python {0}", "python", false, false],
  ["C:\\msys64\\usr\\bin\\bash.exe {0}", "bash.exe", false, false],
])("shell: %s", (setting, name, understood, stopsAtError) => {
  expect(readShell(setting)).toEqual({ name, understood, stopsAtError });
});

test("a script of another language is told not understood", () => {
  const script = readScript("docker build .", readShell("pwsh"), grammar);
  expect(script.understood).toBe(false);
  expect(script.statements).toEqual([]);
  expect(script.complaints[0]?.message).toBe('a script of "pwsh" is not understood, only bash and sh are');
});

test("a failed load is tried again", async () => {
  let loads = 0;
  const load = lazyShellGrammar((name) => (loads++ === 0 ? Promise.reject(new Error("no disk")) : loadGrammar(name)));
  await expect(load()).rejects.toThrow("no disk");
  const first = await load();
  expect(await load()).toBe(first);
});

/** Every span of a script lies in it, parts lie in their word, in order. */
function checkSpans({ text, statements, complaints }: Script): void {
  const inText = ({ start, end }: { start: number; end: number }): void => {
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThanOrEqual(start);
    expect(end).toBeLessThanOrEqual(text.length);
  };
  const checkWord = (word: Word): void => {
    inText(word.span);
    for (const part of word.parts) {
      inText(part.span);
      expect(part.span.start).toBeGreaterThanOrEqual(word.span.start);
      expect(part.span.end).toBeLessThanOrEqual(word.span.end);
    }
    const plain = literalOf(word);
    if (plain !== undefined && /^[a-z./:-]+$/.test(text.slice(word.span.start, word.span.end))) expect(plain).toBe(text.slice(word.span.start, word.span.end));
  };
  for (const statement of statements) {
    inText(statement.span);
    if (statement.kind === "assign") for (const { value } of statement.assignments) value && checkWord(value);
    else {
      for (const word of statement.words) checkWord(word);
      for (const one of statement.redirections) inText(one.span);
    }
  }
  for (const { span } of complaints) inText(span);
}

const TOKENS = [
  "docker",
  " ",
  "build",
  "\n",
  "\\\n",
  '"',
  "'",
  "$(",
  ")",
  "${",
  "}",
  "${{",
  "}}",
  "`",
  "|",
  "&&",
  "||",
  ";",
  "if ",
  "then ",
  "fi",
  "for x in ",
  "do ",
  "done",
  "case ",
  "esac",
  "<<EOF\n",
  "\nEOF\n",
  "f() {",
  "f",
  "A=",
  "export ",
  "sudo -u ",
  "bash -c ",
  ">",
  ">>",
  "<",
  "#",
  "{a,",
  "$X",
  "$((",
  "é",
  "😀",
  "\0",
  "\r",
];

test("never throws, and spans lie in the text", () => {
  const tokens = fc.array(fc.constantFrom(...TOKENS), { maxLength: 40 }).map((all) => all.join(""));
  fc.assert(
    fc.property(fc.oneof(tokens, fc.string({ unit: "binary" })), (text) => checkSpans(parseScript(text, grammar))),
    { numRuns: 300 },
  );
});

const corpus = corpusFolder();
test.skipIf(!existsSync(corpus))("block scripts of the corpus are read without complaint", () => {
  let read = 0;
  for (const file of readdirSync(join(corpus, "wild"), { recursive: true, encoding: "utf8" }).filter((name) => /\.ya?ml$/.test(name))) {
    for (const script of blockScripts(readFileSync(join(corpus, "wild", file), "utf8"))) {
      const parsed = parseScript(script, grammar);
      checkSpans(parsed);
      expect(parsed.statements.every((statement) => typeof runsAlways(statement) === "boolean")).toBe(true);
      if (parsed.complaints.length === 0) read++;
      // PowerShell is the only thing there that is no shell.
      else expect(script).toMatch(/\$\w+ = |& \$|^& /m);
    }
  }
  expect(read).toBeGreaterThan(100);
});

/** Texts of `run: |` blocks, found by their indentation: enough for a test. */
function blockScripts(yaml: string): string[] {
  const lines = yaml.split("\n");
  return lines.flatMap((line, i) => {
    const indent = /^(\s*(?:- )?)run: \|[+-]?\s*$/.exec(line)?.[1]?.length;
    if (indent === undefined) return [];
    const end = lines.findIndex((other, at) => at > i && other.trim() !== "" && other.length - other.trimStart().length <= indent);
    const body = lines.slice(i + 1, end === -1 ? lines.length : end);
    const margin = Math.min(...body.filter((other) => other.trim() !== "").map((other) => other.length - other.trimStart().length));
    return [body.map((other) => other.slice(margin)).join("\n")];
  });
}
