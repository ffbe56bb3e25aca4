import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { doubtfulNames } from "./member-names.ts";

describe("names that readers of JSON disagree on", () => {
  test.each([
    ["nothing", '{"schemaVersion":2,"manifests":[{"digest":"a"},{"digest":"b"}]}', []],
    ["a name twice", '{"a":1,"b":{},"a":2}', ["twice a"]],
    ["twice, once with an escape", String.raw`{"size":1,"\u0073ize":2}`, ["twice size"]],
    ["deep, with its way", '{"manifests":[1,{"platform":{"os":"a","os":"b"}}]}', ["twice manifests.1.platform.os"]],
    ["other letters", '{"MediaType":"x"}', ["letters MediaType"]],
    ["the same in two letters", '{"mediaType":"x","MEDIATYPE":"y"}', ["twice MEDIATYPE"]],
    ["annotations have names of their own", '{"annotations":{"Size":"1","size":"2","SIZE":"3"}}', []],
    ["but each once", '{"annotations":{"a":"1","a":"2"}}', ["twice annotations.a"]],
    ["quotation marks and brackets in strings", String.raw`{"a":"\"{[,:\\","b":["}"],"c":1}`, []],
    ["other names in other letters are nobody's", '{"Vendor":1}', []],
  ])("%s", (_, text, expected) => {
    expect(doubtfulNames(text).map(({ kind, way }) => `${kind} ${way}`)).toEqual(expected);
  });

  test("what JSON.stringify writes has no name twice", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const found = doubtfulNames(JSON.stringify({ annotations: value }));
        expect(found).toEqual([]);
      }),
    );
  });

  test("a long string of escapes is read as any other", () => {
    expect(doubtfulNames(`{"a":"${String.raw`\"`.repeat(500_000)}","a":1}`)).toEqual([{ way: "a", kind: "twice" }]);
  });
});
