import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextLink } from "./link.ts";

describe("the next page of a Link header", () => {
  const cases: Record<string, [string, string | undefined]> = {
    "as registries write it": ['</v2/a/tags/list?last=x&n=2>; rel="next"', "/v2/a/tags/list?last=x&n=2"],
    "without quotes": ["</p>; rel=next", "/p"],
    "among others": ['</p>; rel="prev", </q>; title="a, b; c"; rel="next"', "/q"],
    "several relations": ['</p>; rel="last Next"', "/p"],
    "a comma and a semicolon in the address": ["</p?a=1,2;3>;rel=next", "/p?a=1,2;3"],
    "only a previous one": ['</p>; rel="prev"', undefined],
    "rel in a title only": ['</p>; title="rel=next"', undefined],
    "no brackets": ['/p; rel="next"', undefined],
    empty: ["", undefined],
  };
  test.each(Object.entries(cases))("%s", (_, [header, wanted]) => expect(nextLink(header)).toBe(wanted));

  test("finds what it was made of", () => {
    const address = fc.webUrl({ withQueryParameters: true });
    fc.assert(fc.property(address, address, (a, b) => nextLink(`<${a}>; rel="first", <${b}>; rel="next"`) === b));
  });

  test("ends on anything", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("<", ">", ";", '"', ",", "=", " ", "rel", "next"), maxLength: 300 }), (header) => {
        const found = nextLink(header);
        expect(found === undefined || header.includes(`<${found}>`)).toBe(true);
      }),
    );
  });
});
