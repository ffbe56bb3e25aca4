import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { complaintText } from "../core/complaint.ts";
import type { Span } from "../core/span.ts";
import type { Dockerfile, Instruction, Word } from "./ast.ts";
import { parseDockerfile, parseTrigger } from "./parse.ts";

const read = (text: string): Dockerfile => parseDockerfile({ name: "Dockerfile", text });
/** The instructions of the one stage that `lines` make. */
function instructions(lines: string): readonly Instruction[] {
  const file = read(`FROM scratch\n${lines}`);
  expect(file.complaints.filter(({ severity }) => severity === "error").map(complaintText)).toEqual([]);
  return file.stages[0]?.instructions ?? [];
}
type OfKind<K extends Instruction["kind"], I extends Instruction = Instruction> = I extends unknown ? (K extends I["kind"] ? I : never) : never;
function one<K extends Instruction["kind"]>(kind: K, lines: string): OfKind<K> {
  const [first, ...rest] = instructions(lines);
  expect([first?.kind, rest.length]).toEqual([kind, 0]);
  return first as OfKind<K>;
}
const said = (text: string): string[] => read(text).complaints.map(({ severity, message }) => `${severity}: ${message}`);
const texts = (words: readonly Word[]): string[] => words.map(({ text }) => text);

describe("lines", () => {
  test("continuation lines join, comments inside go, and every word knows its place", () => {
    const text = "FROM scratch\r\nCOPY a \\\r\n  # a comment\r\n  b\\\r\nc /d/\r\n";
    const file = read(text);
    const copy = file.stages[0]?.instructions[0];
    if (copy?.kind !== "copy") throw new Error("no COPY");
    expect(texts(copy.sources)).toEqual(["a", "bc"]);
    expect(copy.original).toBe("COPY a   bc /d/");
    expect(text.slice(copy.sources[1]?.span.start, copy.sources[1]?.span.end)).toBe("b\\\r\nc");
    expect(text.slice(copy.destination.span.start, copy.destination.span.end)).toBe("/d/");
    expect(text.slice(copy.span.start, copy.span.end)).toBe(text.slice(text.indexOf("COPY"), -2));
    expect(file.complaints).toEqual([]);
  });

  test("a blank line inside an instruction is a warning with its place", () => {
    const file = read("FROM scratch\nENV a=b \\\n\n  c=d\n");
    expect(file.complaints.map(complaintText)).toEqual([
      "Dockerfile:3:1: a blank line stands inside an instruction\n3 | \n  | ^\n  = help: remove it; a later BuildKit will refuse it",
    ]);
    expect(file.stages[0]?.instructions).toMatchObject([{ pairs: [{ key: { text: "a" } }, { key: { text: "c" } }] }]);
  });

  test.each([
    ["two escape characters are one escaped", "RUN a \\\\\nUSER u", ["run", "user"]],
    ["a continuation at the end of the file", "RUN a \\", ["run"]],
    ["white space behind the continuation", "RUN a \\ \t\n b", ["run"]],
    ["a comment does not continue", "# a \\\nUSER u", ["user"]],
    ["a no-break space is no space before a flag", "USER \u00a0--x", ["user"]],
    ["indented instructions and comments", "  USER u\n\t# c\n\u00a0USER v", ["user", "user"]],
  ])("%s", (_name, lines, kinds) => expect(instructions(lines).map(({ kind }) => kind)).toEqual(kinds));

  test("a byte order mark is not part of the file", () => {
    const file = read("\ufeff# escape=`\nFROM a\nRUN b `\n c");
    expect([file.directives.escape, file.stages[0]?.from.image, file.stages[0]?.instructions.length, file.complaints.length]).toEqual([
      "`",
      { text: "a", span: { start: 17, end: 18 } },
      1,
      0,
    ]);
  });
});

describe("parser directives", () => {
  test("are read at the head only, in any case and order", () => {
    const text = "# Check = skip=all;error=true \n#syntax=docker/dockerfile:1\n# ESCAPE=`\nFROM a\n";
    const { directives, complaints } = read(text);
    expect([directives.syntax?.text, directives.check?.text, directives.escape, complaints]).toEqual(["docker/dockerfile:1", "skip=all;error=true", "`", []]);
    expect(text.slice(directives.syntax?.span.start, directives.syntax?.span.end)).toBe("docker/dockerfile:1");
  });

  test.each([
    ["twice", "# escape=`\n# escape=`\nFROM a", ["error: the escape directive is given twice"], "`"],
    ["unknown character", "# escape=x\nFROM a", ['error: "x" cannot be the escape character'], "\\"],
    ["behind a comment", "# hello\n# escape=`\nFROM a", ["note: the escape directive stands behind another comment, so it is a comment itself"], "\\"],
    ["misspelt", "# syntx=a\nFROM a", ['note: "syntx" is not a parser directive: the line is a comment'], "\\"],
    ["behind #!", "#!/bin/x\n# escape=`\nFROM a", [], "\\"],
    ["other assignments are comments", "# version=1\nFROM a", [], "\\"],
  ])("%s", (_name, text, messages, escaping) => {
    expect(said(text)).toEqual(messages);
    expect(read(text).directives.escape).toBe(escaping);
  });
});

describe("here-documents", () => {
  test("several in one COPY, quoted, with tabs taken off, with CRLF kept", () => {
    const text = 'COPY <<a <<-"b" c /d/\nx $V\r\na\n\t\ty\n\tb\nUSER u\n';
    const [copy, user] = instructions(text);
    if (copy?.kind !== "copy") throw new Error("no COPY");
    expect(copy.heredocs).toMatchObject([
      { name: "a", expand: true, chomp: false, content: "x $V\r\n" },
      { name: "b", expand: false, chomp: true, content: "y\n", raw: "\t\ty\n" },
    ]);
    expect([texts(copy.sources), copy.destination.text, copy.original, user?.kind]).toEqual([["c"], "/d/", 'COPY <<a <<-"b" c /d/', "user"]);
    const file = `FROM scratch\n${text}`;
    const { span } = copy.heredocs[1] as { span: Span };
    expect(file.slice(span.start, span.end)).toBe("\t\ty\n\tb");
  });

  test("RUN keeps its line, and only RUN, COPY and ADD have them", () => {
    expect(one("run", "RUN cat <<EOF && x\nbody\nEOF")).toMatchObject({
      command: { shell: true, words: ["cat <<EOF && x"] },
      heredocs: [{ content: "body\n" }],
    });
    expect(instructions("CMD cat <<EOF\nUSER u").map(({ kind }) => kind)).toEqual(["cmd", "user"]);
    expect(one("run", 'RUN ["cat", "<<EOF"]').heredocs).toEqual([]);
    expect(one("run", "RUN echo '<<EOF'").heredocs).toEqual([]);
  });

  test("a trigger has them too, and they are part of its text", () => {
    const onbuild = one("onbuild", "ONBUILD  COPY <<-E /x\n\ty\nE\n");
    expect(onbuild.expression).toBe("COPY <<-E /x\n\ty\nE");
    expect(onbuild.trigger).toMatchObject({ kind: "copy", heredocs: [{ content: "y\n" }] });
    expect(parseTrigger({ name: "trigger", text: onbuild.expression })).toMatchObject({
      instruction: { kind: "copy", heredocs: [{ content: "y\n" }] },
      complaints: [],
    });
  });

  test("one that does not end is complained of where it begins", () => {
    const file = read("FROM a\nRUN cat <<EOF\nbody\n");
    expect(file.complaints.map(complaintText)).toEqual([
      'Dockerfile:2:9: the here-document "EOF" does not end\n2 | RUN cat <<EOF\n  |         ^^^^^\n  = help: write EOF alone on a line behind its content',
    ]);
  });
});

describe("instructions", () => {
  test("FROM", () => {
    const file = read("ARG V=1 W\nFROM --platform=$BUILDPLATFORM golang:${V} AS Build\nFROM scratch\n");
    expect(file.globalArgs).toMatchObject([{ args: [{ name: { text: "V" }, value: { text: "1" } }, { name: { text: "W" } }] }]);
    expect(file.stages).toMatchObject([
      { index: 0, name: "build", from: { image: { text: "golang:${V}" }, platform: { text: "$BUILDPLATFORM" }, as: { text: "Build" } } },
      { index: 1, from: { image: { text: "scratch" } } },
    ]);
    expect(file.stages[1]).not.toHaveProperty("name");
  });

  test("COPY and ADD with every flag", () => {
    const copy = one("copy", 'COPY --from=x --chown="a b":1 --chmod=755 --link --parents=true --exclude=*.a --exclude=b -- --a /b');
    expect(copy).toMatchObject({
      from: { text: "x" },
      chown: { text: "a b:1" },
      chmod: { text: "755" },
      link: true,
      parents: true,
      destination: { text: "/b" },
    });
    expect([texts(copy.exclude), texts(copy.sources), copy.flags.length]).toEqual([["*.a", "b"], ["--a"], 7]);
    const add = one("add", 'ADD --link=false --checksum=sha256:0 --keep-git-dir --unpack=FALSE ["a b", "c\\u0041", "/d/"]');
    expect(add).toMatchObject({ link: false, checksum: { text: "sha256:0" }, keepGitDir: true, unpack: false });
    expect([texts(add.sources), add.destination.text]).toEqual([["a b", "cA"], "/d/"]);
    expect(one("add", "ADD a b")).not.toHaveProperty("unpack");
  });

  test.each([
    ["new form", `ENV a=b c="d e" f='g h' i=j\\ k l= "m n"=o`, ["a=b", 'c="d e"', "f='g h'", "i=j\\ k", "l=", '"m n"=o']],
    ["old form", "ENV a  b  c=d ", ["a=b  c=d"]],
    ["value with =", "ENV a=b=c", ["a=b=c"]],
  ])("ENV and LABEL, %s", (_name, line, pairs) => {
    for (const kind of ["env", "label"] as const) {
      const read = one(kind, line.replace("ENV", kind));
      expect(read.pairs.map(({ key, value }) => `${key.text}=${value.text}`)).toEqual(pairs);
    }
  });

  test.each([
    ["CMD a  b ", { kind: "cmd", command: { shell: true, words: ["a  b"] } }],
    ['CMD ["a", "b\\"c"]', { kind: "cmd", command: { shell: false, words: ["a", 'b"c'] } }],
    ["CMD []", { kind: "cmd", command: { shell: false, words: [] } }],
    ["CMD ['a']", { kind: "cmd", command: { shell: true, words: ["['a']"] } }],
    ["RUN [ -f x ] && y", { kind: "run", command: { shell: true, words: ["[ -f x ] && y"] } }],
    ["ENTRYPOINT", { kind: "entrypoint", command: { shell: true, words: [""] } }],
    ['SHELL ["/bin/bash", "-c"]', { kind: "shell", shell: ["/bin/bash", "-c"] }],
    ["EXPOSE 80 443/tcp $P", { kind: "expose", words: [{ text: "80" }, { text: "443/tcp" }, { text: "$P" }] }],
    ['VOLUME ["/a b", " /c "]', { kind: "volume", words: [{ text: "/a b" }, { text: "/c" }] }],
    ["WORKDIR /a b", { kind: "workdir", word: { text: "/a b" } }],
    ["USER $U:0", { kind: "user", word: { text: "$U:0" } }],
    ["STOPSIGNAL SIGTERM", { kind: "stopsignal", word: { text: "SIGTERM" } }],
    ["MAINTAINER me <me@here>", { kind: "maintainer", word: { text: "me <me@here>" } }],
    ["HEALTHCHECK NONE", { kind: "healthcheck", test: "none" }],
    [
      "HEALTHCHECK --interval=1m30s --timeout=0s --retries=3 cmd a b",
      { kind: "healthcheck", test: { shell: true, words: ["a b"] }, interval: 90e9, retries: 3 },
    ],
    ['HEALTHCHECK --start-period=1.5h --start-interval=2ms CMD ["a"]', { test: { shell: false, words: ["a"] }, startPeriod: 5400e9, startInterval: 2e6 }],
    ["ONBUILD RUN a", { kind: "onbuild", expression: "RUN a", trigger: { kind: "run" } }],
    ["onbuild\tcopy a b", { expression: "copy a b", trigger: { kind: "copy" } }],
  ])("%s", (line, expected) => expect(instructions(line)).toMatchObject([expected]));

  test("RUN with its flags", () => {
    const run = one(
      "run",
      "RUN --mount=type=cache,target=/c,sharing=locked --mount=from=b,source=/s,dst=/t,rw --network=none --security=insecure --device=gpu,required x",
    );
    expect(run).toMatchObject({ network: { text: "none" }, security: { text: "insecure" }, devices: [{ text: "gpu,required" }], command: { words: ["x"] } });
    expect(run.mounts.map(({ type, options }) => [type, Object.fromEntries(options)])).toEqual([
      ["cache", { target: "/c", sharing: "locked", readonly: "false" }],
      ["bind", { from: "b", source: "/s", target: "/t", readonly: "false" }],
    ]);
  });
});

describe("complaints", () => {
  test.each([
    ["empty file", "", ["error: the Dockerfile is empty"]],
    ["only comments", "# a\n\n", ["error: the Dockerfile holds no instruction"]],
    ["only ARG", "ARG a", ["error: the Dockerfile has no FROM"]],
    ["before FROM", "RUN a\nFROM b", ["error: RUN stands before the first FROM"]],
    ["unknown instruction", "FORM a\nFROM b", ['error: "FORM" is not an instruction']],
    ["unknown flag", "FROM a\nCOPY --form=b c d", ['error: COPY has no flag "--form"']],
    ["a flag where there are none", "FROM a\nCMD --x y", ['error: CMD has no flag "--x"']],
    ["flag twice", "FROM a\nCOPY --from=b --from=c d e", ["error: flag --from is given twice"]],
    ["flag without value", "FROM a\nCOPY --from b c d", ["error: flag --from needs a value"]],
    ["switch", "FROM a\nCOPY --link=yes b c", ['error: flag --link is true or false, not "yes"']],
    ["COPY with one path", "FROM a\nCOPY b", ["error: COPY needs at least one source and a destination"]],
    ["variable in --from", "FROM a\nCOPY --from=$x b c", ['error: --from cannot hold a variable or quotes, as in "$x"']],
    ["here-document as destination", "FROM a\nCOPY b <<E\nE", ["error: a here-document cannot be the destination of COPY"]],
    ["array of other things", "FROM a\nCMD [1]", ["error: a JSON array stands here that holds other things than strings"]],
    ["JSON that is none", "FROM a\nCMD ['b']", ["note: this looks like a JSON array but is none, so it is given to the shell as it stands"]],
    ["ENV without value", "FROM a\nENV b", ["error: ENV has a name but no value"]],
    ["ENV without =", "FROM a\nENV b=c d", ['error: "d" is not of the form name=value']],
    ["ENV without name", "FROM a\nENV =c", ['error: ENV has an empty name in "=c"']],
    ["ARG without name", "FROM a\nARG =c", ['error: ARG has an empty name in "=c"']],
    [
      "no argument",
      "FROM a\nUSER\nEXPOSE\nLABEL\nARG",
      [
        "error: USER needs exactly one argument",
        "error: EXPOSE needs at least one argument",
        "error: LABEL needs at least one argument",
        "error: ARG needs at least one argument",
      ],
    ],
    ["SHELL in shell form", "FROM a\nSHELL /bin/sh -c", ["error: SHELL takes a JSON array only"]],
    [
      "HEALTHCHECK",
      "FROM a\nHEALTHCHECK FOO\nHEALTHCHECK CMD\nHEALTHCHECK NONE x",
      ['error: HEALTHCHECK knows NONE and CMD, not "FOO"', "error: HEALTHCHECK CMD has no command", "error: HEALTHCHECK NONE takes no arguments"],
    ],
    ["duration", "FROM a\nHEALTHCHECK --interval=5 CMD x", ['error: "5" is not a duration']],
    ["duration too short", "FROM a\nHEALTHCHECK --interval=5us CMD x", ["error: --interval is less than 1ms"]],
    ["retries", "FROM a\nHEALTHCHECK --retries=-1 CMD x", ['error: --retries cannot be "-1"']],
    ["FROM with two words", "FROM a b", ["error: FROM has one argument, or three: IMAGE AS NAME"]],
    ["FROM without", "FROM\nRUN x", ["error: FROM needs an image or a stage"]],
    ["stage name", "FROM a AS 1b", ['error: "1b" is not a stage\'s name']],
    ["reserved stage name", "FROM a AS scratch", ['warning: "scratch" has a meaning of its own and should not name a stage']],
    ["stage names that meet", "FROM a AS b\nFROM c AS B", ['warning: two stages are named "b"']],
    [
      "ONBUILD of what cannot be",
      "FROM a\nONBUILD FROM b\nONBUILD onbuild RUN x\nONBUILD MAINTAINER y",
      ["error: FROM cannot be a trigger of ONBUILD", "error: ONBUILD cannot be a trigger of ONBUILD", "error: MAINTAINER cannot be a trigger of ONBUILD"],
    ],
    ["a wrong trigger is BuildKit's affair when it is triggered", "FROM a\nONBUILD FOO x", ['warning: "FOO" is not an instruction']],
    ["mount", "FROM a\nRUN --mount=typ=bind x", ['error: a mount has no option "typ", as in "typ=bind"']],
    [
      "device",
      "FROM a\nRUN --device=b,required=x y\nRUN --device=b,c y",
      ['error: "required=x" is neither true nor false', 'error: a device has a name and "required", and "c" is neither'],
    ],
    ["network", "FROM a\nRUN --network=hots x", ['error: --network cannot be "hots"']],
    ["MAINTAINER", "FROM a\nMAINTAINER b", ["note: MAINTAINER is deprecated"]],
  ])("%s", (_name, text, messages) => expect(said(text)).toEqual(messages));

  test("all come in one go, in order, with place, line and hint", () => {
    const file = read("FORM a\nFROM b AS c\nCOPY --frm=d \\\n  e f\nWROKDIR /x\n");
    expect(file.complaints.map(complaintText)).toEqual([
      'Dockerfile:1:1: "FORM" is not an instruction\n1 | FORM a\n  | ^^^^\n  = help: did you mean FROM?',
      'Dockerfile:3:6: COPY has no flag "--frm"\n3 | COPY --frm=d \\\n  |      ^^^^^^^\n  = help: did you mean --from?',
      'Dockerfile:5:1: "WROKDIR" is not an instruction\n5 | WROKDIR /x\n  | ^^^^^^^\n  = help: did you mean WORKDIR?',
    ]);
    expect(file.stages[0]?.instructions).toMatchObject([{ kind: "copy", destination: { text: "f" } }]);
  });

  test.each([
    ["a long line", `FROM a\nRUN ${"x".repeat(65_532)}`, "a line has 65536 bytes, more than the 65535 that are read"],
    ["a large file", "#".repeat(4 * 1024 * 1024 + 1), "the Dockerfile has 4194305 characters, more than the 4194304 that we read"],
    ["many stages", "FROM a\n".repeat(1001), "the Dockerfile has more than 1000 stages"],
    ["many here-documents", `FROM a\nRUN ${"<<E ".repeat(1001)}\n${"E\n".repeat(1001)}`, "an instruction has more than 1000 here-documents"],
    ["many complaints", "X\n".repeat(500), "more than 200 complaints; the rest is left out"],
  ])("limit: %s", (_name, text, message) => {
    const found = read(text).complaints.filter(({ code }) => code === "limit-exceeded");
    expect(found.map((complaint) => complaint.message)).toEqual([message]);
  });

  test("a line of exactly the longest length is read", () => {
    expect(said(`FROM a\nRUN ${"x".repeat(65_531)}`)).toEqual([]);
  });

  test.each([
    ["two instructions", "RUN a\nRUN b"],
    ["none", "# x"],
    ["FROM", "FROM a"],
    ["an unknown one", "FOO a"],
  ])("a trigger cannot be %s", (_name, text) => {
    const { instruction, complaints } = parseTrigger({ name: "trigger", text });
    expect([instruction, complaints.length, complaints[0]?.severity]).toEqual([undefined, 1, "error"]);
  });
});

describe("any text", () => {
  const piece = fc.constantFrom(
    "FROM a AS b\n",
    "FROM",
    "RUN",
    "COPY",
    "ADD",
    "ENV",
    "LABEL",
    "ARG",
    "CMD",
    "SHELL",
    "EXPOSE",
    "VOLUME",
    "HEALTHCHECK",
    "ONBUILD",
    "USER",
    "# escape=`\n",
    "# c\n",
    " ",
    "\n",
    "\r\n",
    "\\\n",
    "`\n",
    "\t",
    "a",
    "/b/",
    "x=y",
    "=",
    '"',
    "'",
    "\\",
    "$x",
    "${",
    "[",
    "]",
    '["a"]',
    ",",
    "<<E",
    "<<-'E'",
    "E\n",
    "--from=a",
    "--mount=",
    "type=cache",
    "--",
    "CMD",
    "NONE",
    "é",
    "\u{1f600}",
    "\ufeff",
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
    fc.string({ unit: "grapheme", maxLength: 60 }),
  );

  test("is read without a throw, and every span lies in the file", () => {
    fc.assert(
      fc.property(text, (source) => {
        const file = read(source);
        for (const span of spansOf(file)) expect(0 <= span.start && span.start <= span.end && span.end <= source.length).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("a word's span is what stands there, but for continuation lines, quotes and escapes", () => {
    fc.assert(
      fc.property(text, (source) => {
        for (const { text: word, span } of wordsOf(read(source))) {
          const there = source.slice(span.start, span.end);
          if (!/[\n\\`"']/.test(there)) expect(there).toBe(word);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function* nodesOf(value: unknown, seen = new Set<unknown>()): Generator<Record<string, unknown>> {
  if (value === null || typeof value !== "object" || seen.has(value)) return;
  seen.add(value);
  yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* nodesOf(inner, seen);
}
const spansOf = (file: Dockerfile): Span[] => [...nodesOf(file)].flatMap((node) => ("start" in node && "end" in node ? [node as unknown as Span] : []));
const wordsOf = (file: Dockerfile): Word[] =>
  [...nodesOf({ ...file, complaints: [] })].flatMap((node) =>
    typeof node.text === "string" && "span" in node && !("type" in node) ? [node as unknown as Word] : [],
  );
