import { describe, expect, test } from "vitest";
import type { RunInstruction } from "../../dockerfile/ast.ts";
import { parseDockerfile } from "../../dockerfile/parse.ts";
import { commandAt, commandsNamed, isConditional, runScript } from "./run-script.ts";

describe("a RUN's text", () => {
  test("has comments blanked, and every offset as in the file", () => {
    const text = "FROM a\nRUN one && \\\n  # two amd64\n  three\n";
    const dockerfile = parseDockerfile({ name: "Dockerfile", text });
    const script = runScript(dockerfile, dockerfile.stages[0]?.instructions[0] as RunInstruction);
    expect(script.text).not.toContain("two");
    expect(script.start + script.text.indexOf("three")).toBe(text.indexOf("three"));
  });
  test("that nobody wrote by hand is not read", () => {
    const dockerfile = parseDockerfile({ name: "Dockerfile", text: `FROM a\nRUN ${"x".repeat(40_000)}\n` });
    expect(runScript(dockerfile, dockerfile.stages[0]?.instructions[0] as RunInstruction).text).toBe("");
  });
});

describe("commands by name", () => {
  const cases: Record<string, boolean> = {
    "RUN make": true,
    "RUN --mount=type=cache,target=/c \\\n  make all": true,
    "RUN cd /x && make": true,
    "RUN cd /x; \\\n  make": true,
    "RUN CGO_ENABLED=0 FLAGS='-a -b' make": true,
    "RUN sudo /usr/bin/make": true,
    "RUN if true; then make; fi": true,
    "RUN <<EOF\ncd /x\nmake\nEOF": true,
    "RUN apt-get install -y make": false,
    "RUN apt-get install -y \\\n  gcc \\\n  make": false,
    "RUN echo make": false,
    "RUN cmake .": false,
  };
  for (const [script, is] of Object.entries(cases)) test(script, () => expect(commandsNamed(String.raw`make\b`).test(script)).toBe(is));
});

describe("one command of a script", () => {
  const script = "RUN cd /x && go build -o a . ; if [ -n $B ]; then go build -o b . ; fi";
  test("up to what ends it", () => expect(commandAt(script, script.indexOf("-o a")).trim()).toBe("go build -o a ."));
  test("behind `then`", () => expect(commandAt(script, script.indexOf("-o b")).trim()).toBe("go build -o b ."));
  test("that may not be reached", () =>
    expect([isConditional(script, script.indexOf("-o a")), isConditional(script, script.indexOf("-o b"))]).toEqual([false, true]));
});
