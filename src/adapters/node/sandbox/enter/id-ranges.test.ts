import { describe, expect, test } from "vitest";
import { idCount, mapText, parseMap, rootMap, subordinateMap } from "./id-ranges.ts";

const FILE = "# ranges\nann:100000:65536\nbob:200000:65536\n1000:400000:1000\nann:300000:10\nbroken:x:1\nann:5:0\n";

describe("a user's subordinate ids", () => {
  test.each([
    ["by name, several ranges", ["ann"], 1000, "0 1000 1\n1 100000 65536\n65537 300000 10\n"],
    ["by name and by number", ["bob", "1000"], 1000, "0 1000 1\n1 200000 65536\n65537 400000 1000\n"],
    ["none", ["carl", "7"], 7, ""],
    ["a name that is only part of another", ["an"], 1000, ""],
  ])("%s", (_, names, own, wanted) => {
    expect(mapText(subordinateMap(FILE, names, own))).toBe(wanted);
  });
});

describe("root's map", () => {
  test.each([
    ["the machine's own root", "0 0 4294967295", "0 1000000 65536\n65536 2147483648 2147418112\n"],
    ["in a namespace with the lower half of all ids", "0 0 2147483648", "0 1000000 65536\n"],
    ["in a container with ranges of an ordinary user", "0 1000 1\n1 100000 65536", "0 0 1\n1 1 65536\n"],
    ["in a container with one id", "0 1000 1", "0 0 1\n"],
    ["in a namespace with a gap", "0 0 10\n20 20 10", "0 0 10\n"],
    ["in a namespace that ends within the shifted range", "0 0 1000001", "0 0 1000001\n"],
  ])("%s", (_, own, wanted) => {
    expect(mapText(rootMap(parseMap(own)))).toBe(wanted);
  });

  test("counts ids", () => {
    expect(idCount(rootMap(parseMap("0 1000 1\n1 100000 65536\n")))).toBe(65_537);
    expect(idCount(rootMap(parseMap("0 0 4294967295\n")))).toBe(2 ** 31);
  });
});
