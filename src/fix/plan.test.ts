import { describe, expect, test } from "vitest";
import type { Finding, Fix, Remedy } from "../findings/finding.ts";
import type { Texts } from "./apply.ts";
import { type FixChoice, planFixes } from "./plan.ts";

/** A rule over lines: every `bad…` line is found, and each of its remedies puts another line in its place. */
interface Offer {
  readonly to: string;
  readonly with?: Fix["with"];
  readonly safety?: Fix["safety"];
}

function checkOf(files: Readonly<Record<string, string>>, offers: Readonly<Record<string, readonly (Offer | "advice")[]>>) {
  return (texts: Texts): Finding[] =>
    Object.keys(files).flatMap((name) => {
      const file = { name, text: texts.get(name) ?? files[name] ?? "" };
      return [...file.text.matchAll(/^bad.*$/gm)].map((line): Finding => {
        const span = { start: line.index, end: line.index + line[0].length };
        const remedies = (offers[line[0]] ?? []).map((offer): Remedy => {
          if (offer === "advice") return { title: "think", price: "time", fix: undefined };
          const edits = [{ kind: "text", file, replacements: [{ ...span, text: offer.to }] }] as const;
          return { title: `write ${offer.to}`, price: "nothing", fix: { with: offer.with, safety: offer.safety ?? "safe", edits } };
        });
        return {
          rule: line[0].split(" ")[0] as string,
          severity: line[0].includes("trifle") ? "info" : "error",
          confidence: line[0].includes("perhaps") ? "possible" : "certain",
          message: line[0],
          place: { file, span },
          facts: [],
          when: { always: true, scenarios: [], rows: [], condition: undefined },
          log: undefined,
          cause: "",
          remedies,
        };
      });
    });
}

function plan(files: Readonly<Record<string, string>>, offers: Parameters<typeof checkOf>[1], choice: FixChoice = {}) {
  const { applied, texts, remaining } = planFixes((path) => files[path], checkOf(files, offers), choice);
  return {
    applied: applied.map(({ remedy }) => remedy.title),
    texts: Object.fromEntries(texts),
    remaining: remaining.map(({ finding, advice }) => [finding.message, ...advice.map(({ reason }) => reason)]),
  };
}

describe("fixes", () => {
  test("mend each finding, each on what the one before left", () => {
    expect(plan({ a: "bad 1\nbad 2\n", b: "bad 1\n" }, { "bad 1": [{ to: "good\ngood" }], "bad 2": [{ to: "fine" }] })).toEqual({
      applied: ["write good\ngood", "write good\ngood", "write fine"],
      texts: { a: "good\ngood\nfine\n", b: "good\ngood\n" },
      remaining: [],
    });
  });
  test("leave trifles alone that have not the remedy which was asked for", () => {
    const offers = { "bad trifle 1": [{ to: "a" }], "bad trifle 2": [{ to: "b", with: "buildx" as const }], "bad 3": [{ to: "c" }] };
    const files = { a: "bad trifle 1\nbad trifle 2\nbad 3\n" };
    expect(plan(files, offers, { with: "buildx" }).texts).toEqual({ a: "bad trifle 1\nb\nc\n" });
    expect(plan(files, offers, { with: "buildx", rules: ["bad"] }).texts).toEqual({ a: "a\nb\nc\n" });
    expect(plan(files, offers).texts).toEqual({ a: "a\nb\nc\n" });
  });
  test("are not offered when the finding stays", () => {
    expect(plan({ a: "bad 1\n" }, { "bad 1": [{ to: "bad 1\nx" }] })).toEqual({
      applied: [],
      texts: {},
      remaining: [["bad 1", "after it the same would still be found"]],
    });
  });
  test("are not offered when something new comes, and the next remedy is", () => {
    expect(plan({ a: "bad 1\nbad 3\n" }, { "bad 1": [{ to: "bad 2" }, { to: "good" }], "bad 3": [{ to: "bad 1" }] })).toEqual({
      applied: ["write good"],
      texts: { a: "good\nbad 3\n" },
      remaining: [["bad 3", "after it there would be something new: bad 1"]],
    });
  });
  test("are made though a trifle comes with them that something worse hid, and not for another trifle", () => {
    const offers = {
      "bad 1": [{ to: "bad trifle" }],
      "bad 2": [{ to: "bad perhaps" }],
      "bad trifle 3": [{ to: "bad trifle" }],
      "bad perhaps 4": [{ to: "bad perhaps" }],
    };
    expect(plan({ a: "bad 1\nbad 2\n" }, offers)).toEqual({
      applied: ["write bad trifle", "write bad perhaps"],
      texts: { a: "bad trifle\nbad perhaps\n" },
      remaining: [["bad trifle"], ["bad perhaps"]],
    });
    const refused = (message: string): string => `after it there would be something new: ${message}`;
    expect(plan({ a: "bad trifle 3\nbad perhaps 4\n" }, offers).remaining).toEqual([
      ["bad trifle 3", refused("bad trifle")],
      ["bad perhaps 4", refused("bad perhaps")],
    ]);
  });
  test("of different files are proven together, and one by one where one of them spoils it", () => {
    const looks: number[] = [];
    const files = { a: "bad 1\n", b: "bad 2\n", c: "bad 1\n" };
    const count = (second: string) => {
      let times = 0;
      const check = checkOf(files, { "bad 1": [{ to: "good" }], "bad 2": [{ to: second }] });
      const { texts } = planFixes(
        (path) => files[path as "a"],
        (now) => {
          times++;
          return check(now);
        },
        {},
      );
      looks.push(times);
      return Object.fromEntries(texts);
    };
    expect(count("fine")).toEqual({ a: "good\n", b: "fine\n", c: "good\n" });
    expect(count("bad 3")).toEqual({ a: "good\n", c: "good\n" });
    expect(looks[0]).toBe(2);
  });
  test("that change nothing are not offered", () => {
    expect(plan({ a: "bad 1\n" }, { "bad 1": [{ to: "bad 1" }] }).remaining).toEqual([["bad 1", "it changes nothing"]]);
  });
  test("are of the way that is asked for, where there are several", () => {
    const offers = {
      "bad 1": [
        { to: "a", with: "buildx" },
        { to: "b", with: "containerd" },
      ],
      "bad 2": [{ to: "c" }],
      "bad 3": [{ to: "d", with: "buildx" }],
    } as const;
    expect(plan({ a: "bad 1\nbad 2\nbad 3\n" }, offers, { with: "containerd" })).toEqual({
      applied: ["write b", "write c"],
      texts: { a: "b\nc\nbad 3\n" },
      remaining: [["bad 3", "it is another way than --with containerd"]],
    });
    expect(plan({ a: "bad 1\n" }, offers).texts).toEqual({ a: "a\n" });
  });
  test("that may change more are made only when asked for", () => {
    const offers = { "bad 1": [{ to: "a", safety: "unsafe" }] } as const;
    expect(plan({ a: "bad 1\n" }, offers).remaining).toEqual([["bad 1", "it may change more than the mend: add --unsafe to have it"]]);
    expect(plan({ a: "bad 1\n" }, offers, { unsafe: true }).texts).toEqual({ a: "a\n" });
  });
  test("are of the rules that are asked for, and so is what remains", () => {
    const files = { a: "bad 1\nbadly 1\nbadly 2\n" };
    expect(plan(files, { "bad 1": [{ to: "a" }], "badly 1": [{ to: "b" }] }, { rules: ["badly"] })).toEqual({
      applied: ["write b"],
      texts: { a: "bad 1\nb\nbadly 2\n" },
      remaining: [["badly 2"]],
    });
  });
  test("mend findings with one cause once", () => {
    const files = { a: "bad 1\nbad 1\n" };
    const check = (texts: Texts): Finding[] =>
      checkOf(files, { "bad 1": [{ to: "good\nbad 1" }] })(texts).filter(({ place }) => !place.file.text.includes("good"));
    const { applied, texts } = planFixes(() => files.a, check, {});
    expect(applied.length).toBe(1);
    expect(texts.get("a")).toBe("good\nbad 1\nbad 1\n");
  });
  test("are tried again after another has cleared their way", () => {
    const files = { a: "bad 1\nbad 2\n" };
    const offers = { "bad 1": [{ to: "good 1" }], "bad 2": [{ to: "good 2" }] };
    // What is wrong with the first mend shows as long as the second is not made.
    const check = (texts: Texts): Finding[] => {
      const found = checkOf(files, offers)(texts);
      const isHalf = texts.get("a") === "good 1\nbad 2\n";
      return isHalf ? [...found, { ...(found[0] as Finding), message: "half" }] : found;
    };
    expect(planFixes(() => files.a, check, {}).texts.get("a")).toBe("good 1\ngood 2\n");
  });
  test("advice says so", () => {
    expect(plan({ a: "bad 1\nbad 2\n" }, { "bad 1": ["advice"] }).remaining).toEqual([["bad 1", "it cannot be made by editing files alone"], ["bad 2"]]);
  });
  test("made a second time change nothing", () => {
    const offers = { "bad 1": [{ to: "good" }], "bad 2": [{ to: "bad 1" }] };
    const once = plan({ a: "bad 1\nbad 2\n" }, offers);
    expect(plan({ a: once.texts.a ?? "" }, offers)).toEqual({ ...once, applied: [], texts: {} });
  });
});
