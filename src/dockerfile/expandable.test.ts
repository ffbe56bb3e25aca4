import { describe, expect, test } from "vitest";
import type { FromInstruction, Instruction } from "./ast.ts";
import { displayName } from "./display-name.ts";
import { type Expander, expandInstruction } from "./expandable.ts";
import { type HistoryFacts, historyText } from "./history.ts";
import { parseDockerfile } from "./parse.ts";
import { expandWord, expandWords } from "./words.ts";

const environment = new Map([
  ["A", "apple"],
  ["P", "80 70"],
  ["E", ""],
]);
const expander: Expander = {
  word: (text) => expandWord(text, environment, { escape: "\\" }).value,
  words: (text) => expandWords(text, environment, { escape: "\\" }).values,
  heredoc: (text) => expandWord(text, environment, { escape: "\\", mode: "heredoc" }).value,
};
const facts: HistoryFacts = { shell: ["/bin/sh", "-c"], workdir: "/w", args: [] };

function read(lines: string): Instruction {
  const [instruction] = parseDockerfile({ name: "Dockerfile", text: `FROM scratch\n${lines}` }).stages[0]?.instructions ?? [];
  if (instruction === undefined) throw new Error(`not read: ${lines}`);
  return instruction;
}
const createdBy = (lines: string, more: Partial<HistoryFacts> = {}): string | undefined =>
  historyText(expandInstruction(read(lines), expander), { ...facts, ...more });

// The texts on the right are what BuildKit v0.25 (Docker 28.5) writes, by its source.
describe("created_by of an expanded instruction", () => {
  test.each([
    ["COPY a $A /d/", "COPY a apple /d/ # buildkit"],
    ["copy --from=x --link --parents --chown=$A:0 --chmod=755 --exclude=b a /d", "COPY --parents --chown=apple:0 --chmod=755 a /d # buildkit"],
    ["COPY --chown=$E a b", "COPY a b # buildkit"],
    ['ADD ["a b", "<<x", "c"]', "ADD a b <<x c # buildkit"],
    ["COPY <<x y <<'z' /d/\nx\nz", "COPY y <<x <<z /d/ # buildkit"],
    ["ENV a=\"$A pie\" b='$A'", "ENV a=apple pie b=$A"],
    ["ENV a  $A   pie", "ENV a=apple   pie"],
    ["LABEL $A=x", "LABEL apple=x"],
    ["EXPOSE 9 $P 443/TCP 10-11", "EXPOSE [80/tcp 70/tcp 10/tcp 11/tcp 443/tcp 9/tcp]"],
    ['VOLUME ["/$A", "/b c"]', "VOLUME [/apple /b c]"],
    ["USER $A:1", "USER apple:1"],
    ["STOPSIGNAL $A", "STOPSIGNAL apple"],
    ["MAINTAINER $A", "MAINTAINER $A"],
    ["WORKDIR x", "WORKDIR /w"],
    ["CMD echo $A", 'CMD ["/bin/sh" "-c" "echo $A"]'],
    ['CMD ["a\\tb", "\\"", "\\u0001é"]', 'CMD ["a\\tb" "\\"" "\\x01é"]'],
    ["CMD []", "CMD []"],
    ["ENTRYPOINT x", 'ENTRYPOINT ["/bin/sh" "-c" "x"]'],
    ['SHELL ["/bin/bash", "-c"]', "SHELL [/bin/bash -c]"],
    ["HEALTHCHECK NONE", 'HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" \'\\x00\'}'],
    ["HEALTHCHECK --interval=30s --retries=3 CMD x y", 'HEALTHCHECK &{["CMD-SHELL" "x y"] "30s" "0s" "0s" "0s" \'\\x03\'}'],
    ["ONBUILD RUN x", undefined],
    ["RUN echo $A", "RUN /bin/sh -c echo $A # buildkit"],
    ['RUN ["a", "b"]', "RUN a b # buildkit"],
    ["RUN <<E\nfirst\nsecond\nE", "RUN /bin/sh -c first\nsecond\n # buildkit"],
    ["RUN <<E\n#!/bin/x\nE", "RUN /bin/sh -c /dev/pipes/E # buildkit"],
    ["RUN cat <<-E >f\n\tx\nE", "RUN /bin/sh -c cat <<-E >f\n\tx\nE # buildkit"],
  ])("%s", (lines, expected) => expect(createdBy(lines)).toBe(expected));

  test("ARG tells the values in effect, RUN the stage's arguments", () => {
    const args = [{ name: "a", value: "1" }, { name: "b" }];
    expect(createdBy("ARG a=0 b", { args })).toBe("ARG a=1 b");
    expect(createdBy("RUN x", { args: [...args, { name: "a", value: "2" }] })).toBe("RUN |2 a=2 b= /bin/sh -c x # buildkit");
  });

  test("newer BuildKit names the fields of HEALTHCHECK", () => {
    expect(createdBy("HEALTHCHECK --timeout=1m CMD x", { namedHealthFields: true })).toBe(
      "HEALTHCHECK {Test:[CMD-SHELL x] Interval:0s Timeout:1m0s StartPeriod:0s StartInterval:0s Retries:0}",
    );
  });
});

test("FROM expands image and platform", () => {
  const { from } = parseDockerfile({ name: "Dockerfile", text: "FROM --platform=$A ${A}:x AS y" }).stages[0] as { from: FromInstruction };
  expect(expandInstruction(from, expander)).toMatchObject({ image: { text: "apple:x" }, platform: { text: "apple" }, as: { text: "y" } });
});

test("bodies of here-documents expand where their name is not quoted", () => {
  expect(expandInstruction(read("COPY <<a <<'b' /d/\n\"$A\"\na\n$A\nb"), expander)).toMatchObject({
    heredocs: [{ content: '"apple"\n' }, { content: "$A\n" }],
  });
});

test("mounts expand and are checked again; flags that BuildKit does not expand stay", () => {
  const run = read("RUN --mount=type=cache,target=/$A x");
  expect(run.kind === "run" && Object.fromEntries(expandInstruction(run, expander).mounts[0]?.options ?? [])).toMatchObject({ target: "/apple" });
  expect(expandInstruction(read("COPY --exclude=$A a b"), expander)).toMatchObject({ exclude: [{ text: "$A" }] });
});

test("what expansion refuses comes through", () => {
  expect(() => expandInstruction(read("WORKDIR ${X:?say where}"), expander)).toThrow("X has no value: say where");
  expect(() => createdBy("EXPOSE $A")).toThrow('EXPOSE cannot have "apple"');
});

test.each([
  ["copy  a $A /d", "COPY  a apple /d"],
  ["run echo '$A' \"$A\" $X", "RUN echo '$A' \"apple\" $X"],
  ["RUN <<E\n\n  first $A\nsecond\nE", "RUN <<E (first apple...)"],
  ["WORKDIR ${", "WORKDIR ${"],
])("progress names %j %j", (lines, expected) => expect(displayName(read(lines), environment, "\\")).toBe(expected));
