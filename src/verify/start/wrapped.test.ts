import { describe, expect, test } from "vitest";
import { wrapperNamed } from "../../facts/wrappers.ts";
import { readShellRun, readWrapped } from "./wrapped.ts";

const wrapped = (line: string): string | undefined => {
  const words = line.split(" ");
  const wrapper = wrapperNamed(words[0] ?? "");
  return wrapper === undefined ? undefined : readWrapped(wrapper, words)?.words.join(" ");
};

describe("readWrapped", () => {
  test.each([
    ["env app", "app"],
    ["env -i -u A B=1 C= app D=1", "app D=1"],
    ["env -uA app", "app"],
    ["env --unset A app", "app"],
    ["env --unset=A app", "app"],
    ["env -S node", "node"],
    ["env -Snode --x", "node --x"],
    ["env -- app", "app"],
    ["env", undefined],
    ["env A=1", undefined],
    ["nice -n 5 app", "app"],
    ["nice -n5 app", "app"],
    ["nice -5 app", "app"],
    ["timeout -k 5 --signal TERM 10 app -k", "app -k"],
    ["timeout --signal=TERM 10 app", "app"],
    ["tini -g -e 143 -- app", "app"],
    ["tini -ge 143 app", "app"],
    ["dumb-init -r 15:3 --rewrite 1:2 app", "app"],
    ["gosu app:app app", "app"],
    ["setpriv --reuid 1000 --clear-groups app", "app"],
    ["setpriv --dump", undefined],
    ["ionice -p 1", undefined],
    ["stdbuf -oL -e 0 app", "app"],
    ["nohup app", "app"],
    ["sudo -u app -E A=1 app", "app"],
    ["unheard app", undefined],
  ])("%s", (line, inner) => expect(wrapped(line)).toBe(inner));

  test("an environment that is forgotten, or another folder, is told", () => {
    const env = wrapperNamed("env");
    const elsewhere = (...words: readonly string[]) => env !== undefined && readWrapped(env, ["env", ...words])?.elsewhere;
    expect([elsewhere("app"), elsewhere("-i", "app"), elsewhere("--chdir=/x", "app"), elsewhere("-", "app")]).toEqual([false, true, true, true]);
  });
});

describe("readShellRun", () => {
  test.each([
    [["sh", "-c", "app"], "line app"],
    [["bash", "-euxo", "pipefail", "-c", "app", "x", "y"], "line app x,y"],
    [["bash", "-lc", "app"], "login app"],
    [["sh", "-c", "-e", "app"], "line app"],
    [["sh", "/start.sh", "-c"], "script /start.sh"],
    [["bash", "--rcfile", "/x", "/start.sh"], "script /start.sh"],
    [["sh", "-x", "--", "start.sh"], "script start.sh"],
    [["sh"], "nothing"],
    [["sh", "-s", "x"], "nothing"],
    [["sh", "-c"], "nothing"],
  ])("%j", (words, said) => {
    const run = readShellRun(words);
    const text = run === undefined ? "nothing" : run.kind === "script" ? `script ${run.path}` : `${run.login ? "login" : "line"} ${run.line}`;
    const positional = run?.kind === "line" && run.positional.length > 1 ? ` ${run.positional.join(",")}` : "";
    expect(text + positional).toBe(said);
  });
});
