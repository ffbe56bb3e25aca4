// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflow expressions
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PLACE, writtenText } from "../../test/harness/action-step.ts";
import { listItems } from "./input-list.ts";
import { defaultInputs, inputsOf } from "./inputs.ts";
import { hasMark, marked, unmarked } from "./marked-text.ts";
import { shownText, textOf } from "./text.ts";

const CHOICES = { one: ["linux/arm64"], "one.two": ["linux/arm64", "linux/amd64,linux/arm64"], flag: ["true", "false"], same: ["true", "TRUE"] };
const READING = { commas: true, comment: false, quotes: true };
const inputs = (given: Readonly<Record<string, string>>, defaults?: ReadonlyMap<string, ReturnType<typeof writtenText>>) =>
  inputsOf(
    Object.entries(given).map(([name, value]) => ({ name, value: writtenText(value, CHOICES), place: PLACE })),
    defaults,
  );

describe("lists", () => {
  const cases: readonly [
    name: string,
    written: string,
    how: { commas?: boolean; comment?: boolean; quotes?: boolean },
    wanted: readonly string[],
    open?: boolean,
  ][] = [
    ["commas", "linux/amd64,linux/arm64", {}, ["linux/amd64", "linux/arm64"]],
    ["commas with white space", "linux/amd64, linux/arm64 ,", {}, ["linux/amd64", "linux/arm64"]],
    ["lines", "linux/amd64\nlinux/arm64\n", {}, ["linux/amd64", "linux/arm64"]],
    ["lines of Windows, and empty ones", "a\r\n\r\nb", {}, ["a", "b"]],
    ["lines that end with a comma", "linux/amd64,\nlinux/arm64,\n", {}, ["linux/amd64", "linux/arm64"]],
    ["white space parts nothing", "linux/amd64 linux/arm64", {}, ["linux/amd64 linux/arm64"]],
    ["commas that stay", "type=gha,mode=max\ntype=registry,ref=a", { commas: false }, ["type=gha,mode=max", "type=registry,ref=a"]],
    ["a quoted line is one item, without quotes", '"type=image,name=a",push=true', { commas: false }, ["type=image,name=a,push=true"]],
    ["a quoted value that spans lines", '"KEY=a\nb"\nC=d', { commas: false }, ["KEY=a\nb", "C=d"]],
    ["doubled quotes", '"A=""b"""', { commas: false }, ['A="b"']],
    ["a quote within a field is a character", 'A="b",c', { commas: false }, ['A="b",c']],
    ["quotes with more behind them are characters", '"a"b', { commas: false }, ['"a"b']],
    ["quotes where they do not count", '"name=a,b",push=true', { commas: false, quotes: false }, ['"name=a,b",push=true']],
    ["a quoted item with a comma is parted all the same where it is alone", '"a,b"', {}, ["a", "b"]],
    ["a quoted item with a comma among others stays", '"a,b",c', {}, ["a,b", "c"]],
    ["a comment line", "# nothing\ntype=sha # not one", { commas: false, comment: true }, ["type=sha # not one"]],
    ["no comments", "#a", {}, ["#a"]],
    ["a quote that is never closed", '"a\nb', { commas: false }, ["a\nb"]],
    ["an empty text", " \n ", {}, []],
    ["an unknown part of an item", "ghcr.io/a:${{ v }},ghcr.io/a:latest", {}, ["ghcr.io/a:${{ v }}", "ghcr.io/a:latest"]],
    ["an unknown item may be several", "a\n${{ tags }}", {}, ["a", "${{ tags }}"], true],
    ["an unknown item that can be one thing only", "${{ one }}", {}, ["${{ one }}"]],
    ["an unknown item that can be a list", "${{ one.two }}", {}, ["${{ one.two }}"], true],
  ];
  test.each(cases)("%s", (_, written, how, wanted, open = false) => {
    const list = inputs({ list: written }).list("list", how);
    expect(list.items.map(shownText)).toEqual(wanted);
    expect(list.open).toBe(open);
  });

  test("one that is not given has no place, and one that is empty has", () => {
    expect(inputs({}).list("list")).toEqual({ items: [], open: false, place: undefined });
    expect(inputs({ list: "" }).list("list").place).toBe(PLACE);
  });
});

describe("switches", () => {
  const cases: readonly [name: string, given: Readonly<Record<string, string>>, wanted: boolean | undefined, atoms: readonly string[]][] = [
    ["absent", {}, true, []],
    ["true", { push: "true" }, true, []],
    ["True", { push: " True " }, true, []],
    ["FALSE", { push: "FALSE" }, false, []],
    ["yes is no boolean", { push: "yes" }, undefined, []],
    ["empty is no boolean", { push: "" }, undefined, []],
    ["unknown", { push: "${{ a }}" }, undefined, ["a"]],
    ["unknown, either", { push: "${{ flag }}" }, undefined, ["flag"]],
    ["unknown, and yet always the same", { push: "${{ same }}" }, true, []],
  ];
  test.each(cases)("%s", (_, given, wanted, atoms) => {
    const { value, atoms: told } = inputs(given).switch("push", true);
    expect([value, told]).toEqual([wanted, atoms]);
  });
});

test("names count without regard to case, the first of two counts, and values are trimmed", () => {
  const read = inputsOf([
    { name: "Driver", value: writtenText(" docker\n"), place: PLACE },
    { name: "driver", value: writtenText("remote"), place: PLACE },
  ]);
  expect(read.given("DRIVER")).toBe(true);
  expect(textOf(read.text("driver"))).toBe("docker");
  expect(read.names.map(({ name }) => name)).toEqual(["Driver", "driver"]);
});

describe("defaults", () => {
  test("are those of the major, and give way to what is given, empty as it may be", () => {
    const defaults = defaultInputs("docker/setup-buildx-action", 3, PLACE);
    expect(textOf(inputs({}, defaults).text("driver"))).toBe("docker-container");
    expect(inputs({ driver: "" }, defaults).text("driver")).toBeUndefined();
    expect(inputs({}, defaults).given("driver")).toBe(false);
    expect(inputs({}, defaults).switch("use", false)).toMatchObject({ value: true, place: undefined });
  });

  test("with expressions are unknown", () => {
    const token = defaultInputs("docker/build-push-action", 6, PLACE).get("github-token");
    expect(token && shownText(token)).toBe("${{ github.token }}");
  });

  test("of an earlier major differ: v1 of build-push pushes", () => {
    expect(textOf(defaultInputs("docker/build-push-action", 1, PLACE).get("push"))).toBe("true");
    expect(textOf(defaultInputs("docker/build-push-action", 2, PLACE).get("push"))).toBe("false");
  });

  test("of an unknown action: none", () => {
    expect(defaultInputs("nobody/knows", undefined, PLACE).size).toBe(0);
  });
});

describe("whatever is written", () => {
  test("lists have no empty items and none with white space around", () => {
    const how = fc.record({ commas: fc.boolean(), comment: fc.boolean(), quotes: fc.boolean() });
    const text = fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "#", " ", "a", "="), maxLength: 40 });
    fc.assert(
      fc.property(text, how, (written, reading) => {
        for (const item of listItems(written, reading)) expect([item.trim(), item.length > 0]).toEqual([item, true]);
      }),
    );
  });

  test("lists of plain words are those words", () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9/:.=-]{1,12}$/), { maxLength: 8 });
    fc.assert(
      fc.property(words, fc.constantFrom(",", "\n", ",\n", "\r\n"), (items, separator) => {
        expect(listItems(items.join(separator), READING)).toEqual(items);
      }),
    );
  });

  test("marks give back the text that they were made of", () => {
    const part = fc.oneof(fc.string({ minLength: 1 }), fc.record({ source: fc.string(), atoms: fc.constant([]) }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const joined = parts.reduce<(typeof parts)[number][]>((all, next) => {
          const last = all.at(-1);
          if (typeof last === "string" && typeof next === "string") all[all.length - 1] = last + next;
          else all.push(next);
          return all;
        }, []);
        fc.pre(!joined.some((one) => typeof one === "string" && hasMark(one)));
        const { string, holes } = marked({ parts: joined, place: PLACE });
        expect(unmarked(string, holes, PLACE).parts).toEqual(joined);
      }),
    );
  });
});
