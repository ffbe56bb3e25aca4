import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { problemOf } from "../../test/harness/problem-of.ts";
import { commandWords, smokeCommand } from "./smoke-command.ts";

describe("words of a command line", () => {
  test.each<readonly [name: string, text: string, words: readonly string[]]>([
    ["one", "app", ["app"]],
    ["several, with all kinds of space", " app  --version\t-v\n x ", ["app", "--version", "-v", "x"]],
    ["single quotes keep everything", `sh -c 'echo "$HOME" \\ | cat'`, ["sh", "-c", 'echo "$HOME" \\ | cat']],
    ["double quotes keep single ones", `sh -c "it's"`, ["sh", "-c", "it's"]],
    ["a backslash in double quotes counts before few", '"a\\"b\\\\c\\$d\\`e\\nf"', ['a"b\\c$d`e\\nf']],
    ["quotes in the middle of a word", `--name="a b"'c d'e`, ["--name=a bc de"]],
    ["an empty word", `app ''  ""`, ["app", "", ""]],
    ["a backslash before a space", String.raw`a\ b \'c`, ["a b", "'c"]],
    ["a line that goes on", 'a\\\nb "c\\\nd"', ["ab", "cd"]],
    ["a backslash at the end", "a\\", ["a\\"]],
    [
      "what a shell would do is not done",
      "echo $HOME *.c `x` a|b; c && d > e # f",
      ["echo", "$HOME", "*.c", "`x`", "a|b;", "c", "&&", "d", ">", "e", "#", "f"],
    ],
  ])("%s", (_, text, words) => {
    expect(commandWords(text)).toEqual(words);
  });

  test.each<readonly [name: string, text: string]>([
    ["no word", "  \n"],
    ["nothing", ""],
    ["a single quote that is open", "sh -c 'x"],
    ["a double quote that is open", 'sh -c "x\\"'],
  ])("%s is refused", (_, text) => {
    expect(problemOf(() => commandWords(text)).code).toBe("usage");
  });

  test("words come back as they were quoted", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (words) => {
        expect(commandWords(words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" "))).toEqual(words);
      }),
    );
  });
});

test.each<readonly [name: string, config: Parameters<typeof smokeCommand>[0], words: readonly string[] | undefined, command: readonly string[]]>([
  ["the image's own", { Entrypoint: ["/app"], Cmd: ["serve"] }, undefined, ["/app", "serve"]],
  ["an entrypoint alone", { Entrypoint: ["/app"], Cmd: null }, undefined, ["/app"]],
  ["a command alone", { Cmd: ["sh"] }, undefined, ["sh"]],
  ["nothing", {}, undefined, []],
  ["no config", undefined, undefined, []],
  ["words are the whole", { Entrypoint: ["/app"], Cmd: ["serve"] }, ["sh", "-c", "x"], ["sh", "-c", "x"]],
  ["flags go to the entrypoint", { Entrypoint: ["/app", "x"], Cmd: ["serve"] }, ["--version"], ["/app", "x", "--version"]],
  ["flags for no entrypoint", { Cmd: ["sh"] }, ["--version"], []],
])("what is started: %s", (_, config, words, command) => {
  expect(smokeCommand(config, words)).toEqual(command);
});
