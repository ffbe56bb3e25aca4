import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";

const read = (header: string) => parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]);

describe("challenges of a WWW-Authenticate header", () => {
  const cases: Record<string, [string, unknown]> = {
    "a bearer with a comma in its scope": [
      'Bearer realm="https://auth.test/token",service="reg.test",scope="repository:a/b:pull,push"',
      [["bearer", { realm: "https://auth.test/token", service: "reg.test", scope: "repository:a/b:pull,push" }]],
    ],
    "several, joined": [
      'Basic realm="x", Bearer realm="https://a/", error="invalid_token", Negotiate',
      [
        ["basic", { realm: "x" }],
        ["bearer", { realm: "https://a/", error: "invalid_token" }],
        ["negotiate", {}],
      ],
    ],
    "spaces around everything": ['bearer   realm = "a" ,\t service = b', [["bearer", { realm: "a", service: "b" }]]],
    "escaped quotes": ['Basic realm="say \\"hi\\" \\\\"', [["basic", { realm: 'say "hi" \\' }]]],
    "a token68, then another": [
      "Negotiate YWJj==, Basic realm=x",
      [
        ["negotiate", {}],
        ["basic", { realm: "x" }],
      ],
    ],
    "no quotes": ["Basic realm=registry", [["basic", { realm: "registry" }]]],
    "a quote that never ends": ['Bearer realm="https://a', [["bearer", { realm: "https://a" }]]],
    "the first of two equal names counts": ['Bearer realm="a", realm="b"', [["bearer", { realm: "a" }]]],
    "names in any case": ['BEARER Realm="a"', [["bearer", { realm: "a" }]]],
    empty: ["", []],
    "commas only": [", ,,", []],
    "a parameter before any scheme": ['="x"', [["x", {}]]],
  };
  test.each(Object.entries(cases))("%s", (_, [header, wanted]) => expect(read(header)).toEqual(wanted));

  test("reads back what it was made of", () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const value = fc.string({ maxLength: 20 });
    const challenge = fc.tuple(name, fc.dictionary(name, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true }));
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 3 }), (all) => {
        const header = all
          .map(
            ([scheme, pairs]) =>
              `${scheme} ${Object.entries(pairs)
                .map(([k, v]) => `${k}="${v.replace(/(["\\])/g, "\\$1")}"`)
                .join(", ")}`,
          )
          .join(", ");
        expect(read(header)).toEqual(all);
      }),
    );
  });

  test("ends on anything", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', "\\", ",", "=", " ", "a", "é", "\t", ";"), maxLength: 200 }),
        (header) => parseChallenges(header).length <= header.length,
      ),
    );
  });

  test("is not slow on a long one", () => expect(parseChallenges(`Bearer ${'a="\\'.repeat(50_000)}`).length).toBeGreaterThan(0));
});
