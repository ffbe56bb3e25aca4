// biome-ignore-all lint/suspicious/noTemplateCurlyInString: make's own variables
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recipeOf } from "./make-recipe.ts";
import type { MakeStart } from "./make-variables.ts";
import { parseMakefile } from "./makefile.ts";

const START: MakeStart = { overrides: new Map(), environment: new Map([["HOME", "/root"]]), othersUnset: true };

const run = (makefile: string, targets: readonly string[], overrides: Record<string, string | undefined> = {}): string[] =>
  recipeOf(parseMakefile(makefile), targets, { ...START, overrides: new Map(Object.entries(overrides)) }).lines.map(
    ({ text, sure }) => `${sure ? "" : "?"}${text}`,
  );

describe("recipeOf", () => {
  test.each<readonly [name: string, makefile: string, targets: readonly string[], lines: readonly string[]]>([
    ["a recipe", "all:\n\t@docker build .\n\t-docker push x\n", ["all"], ["docker build .", "docker push x"]],
    ["the first target", ".PHONY: b a\nb: a\n\techo b\na:\n\techo a\n", [], ["echo a", "echo b"]],
    ["prerequisites once, order-only too", "a: b c | d\n\ta\nb: c\n\tb\nc:\n\tc\nd:\n\td\n", ["a"], ["c", "b", "d", "a"]],
    ["cycles end", "a: b\n\ta\nb: a\n\tb\n", ["a"], ["b", "a"]],
    ["variables", "R = ghcr.io/$(O)\nO := me\nT ?= v1\nall:\n\tdocker push $(R)/app:${T}\n", ["all"], ["docker push ghcr.io/me/app:v1"]],
    ["set at once or when used", "A = 1\nB := $(A)\nC = $(A)\nA = 2\nall:\n\techo $(B) $(C)\n", ["all"], ["echo 1 2"]],
    ["appended", "A = x\nA += y\nall:\n\techo $(A)\n", ["all"], ["echo x y"]],
    ["the shell's own", "all:\n\tfor p in a; do echo $$p; done\n", ["all"], ["for p in a; do echo $p; done"]],
    ["continued", "P = a, \\\n    b\nall:\n\tdocker build \\\n\t  --push \\\n\t  $(P)\n", ["all"], ["docker build \\\n  --push \\\n  a, b"]],
    ["automatic variables", "x.o: x.c y.c\n\tcc $< -o $@ $^\n", ["x.o"], ["cc x.c -o x.o x.c y.c"]],
    ["a pattern", "build-%:\n\tdocker build $*\n", ["build-arm64"], ["docker build arm64"]],
    ["a static pattern", "IMAGES = a b\n$(IMAGES:%=x) b-a b-b: b-%: p-%\n\tbuild $*\np-a:\n\tp\n", ["b-a"], ["p", "build a"]],
    ["a target's own variables", "all: P = arm64\nall: dep\n\techo $(P)\ndep:\n\techo dep $(P)\n", ["all"], ["echo dep arm64", "echo arm64"]],
    ["a rule on one line", "all: dep ; docker push x\ndep:\n", ["all"], ["docker push x"]],
    [
      "what a shell says is unknown",
      "T := $(shell git describe)\nall:\n\techo $(T) $(subst a,b,$(T))\n",
      ["all"],
      ["echo ${{ makefile value }} ${{ makefile value }}"],
    ],
    [
      "functions of texts",
      "L = b.go a b.go\nall:\n\techo $(subst a,b,cab) $(patsubst %.go,%,$(L)) $(sort $(L)) $(filter %.go,$(L))\n",
      ["all"],
      ["echo cbb b a b a b.go b.go b.go"],
    ],
    [
      "call, with an argument missing",
      "define build\n\tdocker buildx build --platform $(1) -t $(2)$(3) .\nendef\nall:\n\t$(call build,a$(comma)b,x)\ncomma := ,\n",
      ["all"],
      ["docker buildx build --platform a,b -t x ."],
    ],
    ["foreach, in itself", "all:\n\techo $(foreach r,a b,$(foreach t,1 2,-t $(r):$(t)))\n", ["all"], ["echo -t a:1 -t a:2 -t b:1 -t b:2"]],
    ["if and or", "P = x\nall:\n\techo $(if $(P),yes,no) $(if ,yes,no) $(or ,$(P),z)\n", ["all"], ["echo yes no x"]],
    ["make in make", "all:\n\t$(MAKE) -C sub all\n", ["all"], ["make -C sub all"]],
    ["an empty variable", "all:\n\techo a$(NONE)b\n", ["all"], ["echo ab"]],
    ["the environment", "all:\n\techo $(HOME)\n", ["all"], ["echo /root"]],
    [
      "a condition that is known",
      "A = x\nifeq ($(A),x)\nB = yes\nelse\nB = no\nendif\nall:\nifdef A\n\techo $(B)\nelse\n\techo never\nendif\n\techo end\n",
      ["all"],
      ["echo yes", "echo end"],
    ],
    [
      "a condition that is not",
      "A := $(shell uname)\nifeq ($(A),Linux)\nB = 1\nendif\nall:\nifeq ($(A),Linux)\n\techo $(B)\nelse ifdef A\n\techo b\nendif\n",
      ["all"],
      ["?echo ${{ makefile B }}", "?echo b"],
    ],
    ["a variable of itself", "A = $(A) x\nall:\n\techo $(A)\n", ["all"], [`echo \${{ makefile A }}${" x".repeat(40)}`]],
    ["comments", "# all:\nall: # docker\n\techo a # b\nB = c # d\n", ["all"], ["echo a # b"]],
    ["CRLF", "A = b\r\nall:\r\n\techo $(A)\r\n", ["all"], ["echo b"]],
    ["define", "define X\na: b\nendef\nall:\n\techo a\n", ["all"], ["echo a"]],
    ["an exported one", "export P := linux/arm64\nall:\n\techo $(P)\n", ["all"], ["echo linux/arm64"]],
  ])("%s", (_, makefile, targets, lines) => {
    expect(run(makefile, targets)).toEqual(lines);
  });

  test("the command line wins over the Makefile, but not over override", () => {
    const makefile = "P = a\noverride Q = b\nall:\n\techo $(P) $(Q)\n";
    expect(run(makefile, ["all"], { P: "x", Q: "y" })).toEqual(["echo x b"]);
    expect(run(makefile, ["all"], { P: undefined })).toEqual(["echo ${{ makefile P }} b"]);
  });

  test("what is taken in could set anything", () => {
    const makefile = parseMakefile("include common.mk\nall: dep\n\techo $(X)\n");
    const { lines, missing } = recipeOf(makefile, ["all"], START);
    expect(makefile.statements[0]).toMatchObject({ kind: "include", files: "common.mk" });
    expect(lines.map(({ text }) => text)).toEqual(["echo ${{ makefile X }}"]);
    expect(missing).toEqual(["dep"]);
  });

  test("what nothing sets is taken for empty by $(if), and the line is not sure", () => {
    const makefile = parseMakefile("all:\n\tdocker build $(if $(PROXY), --build-arg p=$(PROXY)) .\n");
    const at = (environment: Record<string, string>): unknown =>
      recipeOf(makefile, ["all"], { ...START, environment: new Map(Object.entries(environment)), othersUnset: false }).lines.map(({ text, sure }) => [
        text,
        sure,
      ]);
    expect(at({})).toEqual([["docker build  .", false]]);
    expect(at({ PROXY: "x" })).toEqual([["docker build  --build-arg p=x .", true]]);
  });

  test.each<readonly [name: string, makefile: string, exported: Record<string, string>]>([
    ["nothing", "A = 1\nall:\n\tx\n", {}],
    ["exported at once", "export A = $(B)\nB = 1\nall:\n\tx\n", { A: "1" }],
    ["exported elsewhere", "export A B\nA := 1\nall:\n\tx\n", { A: "1" }],
    ["all", "export\nA = 1\nall:\n\tx\n", { A: "1" }],
    ["found in the environment", "HOME = /x\nall:\n\tx\n", { HOME: "/x" }],
    ["a target's own", "all: export A = $@\nall:\n\tx\n", { A: "all" }],
    ["unknown", "export A := $(shell date)\nall:\n\tx\n", { A: "${{ makefile value }}" }],
    ["under a condition", "ifdef NONE\nexport A\nendif\nA = 1\nall:\n\tx\n", {}],
  ])("a recipe's environment: %s", (_, makefile, exported) => {
    expect(Object.fromEntries(recipeOf(parseMakefile(makefile), ["all"], START).lines[0]?.environment ?? [])).toEqual(exported);
  });

  test("the shell", () => {
    expect(recipeOf(parseMakefile("SHELL := /bin/bash\nall:\n\ta\n"), [], START).shell).toBe("/bin/bash");
    expect(recipeOf(parseMakefile("all:\n\ta\n"), [], START).shell).toBe("/bin/sh");
  });

  test("lines have their place and what a failure means", () => {
    const text = "all:\n\t@-docker push x\n";
    const [line] = recipeOf(parseMakefile(text), ["all"], START).lines;
    expect(line && text.slice(line.span.start, line.span.end)).toBe("docker push x");
    expect(line?.ignoresErrors).toBe(true);
  });
});

describe("parseMakefile", () => {
  test.each([
    ["else alone", "else\n", '"else" without a condition'],
    ["endif alone", "endif\n", '"endif" without a condition'],
    ["an open condition", "ifdef A\n", 'a condition has no "endif"'],
    ["neither rule nor variable", "hello world\n", 'the line is neither a rule nor a variable: "hello world"'],
  ])("%s", (_, text, message) => {
    expect(parseMakefile(text).complaints.map((one) => one.message)).toEqual([message]);
  });

  test("too large", () => {
    expect(parseMakefile("#".repeat((1 << 20) + 1)).complaints[0]?.code).toBe("limit-exceeded");
  });

  test("expansion is bounded", () => {
    const doubling = Array.from({ length: 39 }, (_, i) => `A${i} = $(A${i + 1})$(A${i + 1})`).join("\n");
    const [line] = recipeOf(parseMakefile(`${doubling}\nA39 = x\nall:\n\techo $(A0)\n`), ["all"], START).lines;
    expect(line?.text.length).toBeLessThan(1 << 20);
  });

  test("never throws, and spans lie in the text", () => {
    const tokens = [
      "all",
      ":",
      "=",
      ":=",
      "?=",
      "+=",
      "\n",
      "\t",
      " ",
      "\\\n",
      "$(",
      ")",
      "${",
      "}",
      "$",
      "#",
      "ifeq (",
      ",",
      "else\n",
      "endif\n",
      "define X\n",
      "endef\n",
      "include ",
      "%",
      "@",
      "-",
      ";",
      "|",
      "A",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 40 }), (parts) => {
        const text = parts.join("");
        const makefile = parseMakefile(text);
        for (const { span } of [...makefile.statements, ...makefile.complaints]) {
          expect(span.start).toBeLessThanOrEqual(span.end);
          expect(span.end).toBeLessThanOrEqual(text.length);
        }
        for (const { span } of recipeOf(makefile, ["all"], START).lines) expect(span.end).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 500 },
    );
  });
});
