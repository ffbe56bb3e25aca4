// biome-ignore-all lint/suspicious/noTemplateCurlyInString: make's own variables
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recipeOf } from "../src/shell/make-recipe.ts";
import { parseMakefile } from "../src/shell/makefile.ts";

const hasMake = /^GNU Make/.test(spawnSync("make", ["--version"], { encoding: "utf8" }).stdout ?? "");

const VARIABLES = `A = a b  c.o
E =
N := x,y
comma := ,
empty :=
space := $(empty) $(empty)
f = <$(1)|$(2)|$0>
swapped = $(2) $(1)
`;

const TEXTS: readonly string[] = [
  "$(subst o,0,foo boo)",
  "$(subst $(space),$(comma),$(A))",
  "$(subst a,,$(A))",
  "$(subst , x,a)",
  "$(patsubst %.c,%.o,x.c  y.c z.h)",
  "$(patsubst v%,%,v1.2)",
  "$(patsubst a,b,a aa a)",
  "$(patsubst %.c,%.o, x.c )",
  "$(strip   a  b  )",
  "$(findstring b,abc)$(findstring z,abc)",
  "$(filter %.c a,x.c a y.h)$(filter-out %.c,x.c a y.h)",
  "$(sort c a b a)",
  "$(word 2,a b c)$(word 9,a b c)",
  "$(wordlist 2,3,a b c d)$(wordlist 3,1,a b)",
  "$(words a b c)$(words )",
  "$(firstword a b)$(lastword a b)",
  "$(dir src/a.c b)",
  "$(notdir src/a.c b d/)",
  "$(suffix src/a.c b x.d/y)",
  "$(basename src/a.c b x.d/y .c)",
  "$(addprefix p/,a b)$(addsuffix .c,a b)",
  "$(join a b,.c .o .x)",
  "$(if ,y,n)$(if  ,y,n)$(if $(E),y)$(if $(A),y,n)",
  "$(if x,a,b,c)$(if ,a,b,c)",
  "$(or ,,c)$(or $(E),$(A))$(or )",
  "$(and a,b)$(and a,,b)$(and )",
  "$(foreach p,a b,-t $(p):1)",
  "$(foreach p,,x)",
  "$(foreach x,1 2,$(foreach y,a b,$(x)$(y)))",
  "$(foreach v,A N,$($(v)))",
  "$(call f,1,2)",
  "$(call f, 1 , 2 )",
  "$(call f)",
  "$(call f,(a,b),c)",
  "$(call f,$(comma),x)",
  "$(call $(if x,swapped),a,b)",
  "$(A:.o=.c)$(A:%.o=%.c)${A:c.o=}",
  "$(subst ${comma},-,${N})",
  "$(info x)y",
  "$(addprefix --tag=,$(A))",
  "$($(empty)A)",
  "$(eval Z := q)$(Z)",
  "$A$N",
];

/** Recipes are echoes: what make says it would run is compared as a whole. */
const MAKEFILES: readonly (readonly [name: string, makefile: string, targets: readonly string[]])[] = [
  ["a define of several lines", "define b\n@echo $(1) \\\n\t.\n-echo $(2)\nendef\nall:\n\t$(call b,x,y)\n\techo z\n", ["all"]],
  ["a prefix in a variable", "Q = @\nall:\n\t$(Q)echo x\n", ["all"]],
  ["eval in a recipe", "A = 1\nall:\n\t$(eval A := $(A)2)\n\techo $(A)\n", ["all"]],
  ["a target's own", "all: A = $@\nall: dep\n\techo $(A)\ndep:\n\techo $(A) $(@)\n", ["all"]],
  ["appended", "A := a\nA += b\nB ?= c\nB += d\nall:\n\techo $(A) $(B)\n", ["all"]],
  ["a pattern", "b-%:\n\techo $* $@\n", ["b-x", "b-y"]],
  ["a static pattern", "L = a b\nall: $(L:%=b-%)\n$(L:%=b-%): b-%: c-%\n\techo $* $<\nc-%:\n\techo c $*\n", ["all"]],
  ["conditions", "A = x\nifeq ($(A),x)\nB = yes\nelse ifdef E\nB = no\nelse\nB = other\nendif\nall:\nifneq (,$(B))\n\techo $(B)\nendif\n", []],
];

describe.skipIf(!hasMake)("what GNU make makes of it (skipped where there is none)", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "multihull-make-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const made = (makefile: string, targets: readonly string[]): string[] => {
    writeFileSync(join(folder, "Makefile"), makefile);
    const { stdout } = spawnSync("make", ["-n", "--no-print-directory", ...targets], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH, LC_ALL: "C" },
    });
    return stdout.split("\n").filter((line) => line !== "" && line !== "x");
  };
  const read = (makefile: string, targets: readonly string[]): string[] =>
    recipeOf(parseMakefile(makefile), targets, { overrides: new Map(), environment: new Map(), othersUnset: true }).lines.flatMap(({ text }) =>
      text.split("\n"),
    );

  test("functions", () => {
    const makefile = `${VARIABLES}all:\n${TEXTS.map((text, i) => `\techo ${i} [${text}]\n`).join("")}`;
    expect(read(makefile, ["all"])).toEqual(made(makefile, ["all"]));
  });

  test.each(MAKEFILES)("%s", (_, makefile, targets) => {
    expect(read(makefile, targets)).toEqual(made(makefile, targets));
  });
});
