import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { problemOf } from "../../../test/harness/problem-of.ts";
import { DAEMON_JSON_LIMIT_BYTES, DAEMON_JSON_LIMIT_DEPTH, withSnapshotter } from "./daemon-json.ts";

const PATH = "/etc/docker/daemon.json";
const edit = (text: string | undefined) => withSnapshotter(text, PATH);
const NEW = '{\n  "features": {\n    "containerd-snapshotter": true\n  }\n}';

describe("daemon.json with the containerd store turned on", () => {
  test.each([
    ["no file", undefined, `${NEW}\n`],
    ["an empty file", "", `${NEW}\n`],
    ["blanks alone", " \n", `${NEW}\n`],
    ["an empty object", "{}", NEW],
    ["an empty object with a blank", "{ }\n", `${NEW}\n`],
    ["an empty object over two lines", "{\n}\n", `${NEW}\n`],
    ["minified", '{"a":1,"b":[1,2]}', '{"a":1,"b":[1,2],"features":{"containerd-snapshotter":true}}'],
    ["one line with blanks", '{ "a": 1, "b":2 }', '{ "a": 1, "b":2, "features":{"containerd-snapshotter":true} }'],
    ["the first on the line of the brace", '{"a":1,\n\t"b": 2\n}', '{"a":1,\n\t"b": 2,\n\t"features": {\n\t\t"containerd-snapshotter": true\n\t}\n}'],
    ["tabs", '{\n\t"a": 1,\n\t"b": {"x":1}\n}\n', '{\n\t"a": 1,\n\t"b": {"x":1},\n\t"features": {\n\t\t"containerd-snapshotter": true\n\t}\n}\n'],
    ["four blanks", '{\n    "a": 1\n}', '{\n    "a": 1,\n    "features": {\n        "containerd-snapshotter": true\n    }\n}'],
    ["CRLF", '{\r\n  "a": 1\r\n}\r\n', '{\r\n  "a": 1,\r\n  "features": {\r\n    "containerd-snapshotter": true\r\n  }\r\n}\r\n'],
    [
      "nested, an indented root",
      ' {\n   "a": {\n     "b": 1\n   }\n }',
      ' {\n   "a": {\n     "b": 1\n   },\n   "features": {\n     "containerd-snapshotter": true\n   }\n }',
    ],
    [
      "other features",
      '{\n  "features": {\n    "buildkit": true\n  },\n  "a": 1\n}',
      '{\n  "features": {\n    "buildkit": true,\n    "containerd-snapshotter": true\n  },\n  "a": 1\n}',
    ],
    ["other features on one line", '{\n  "features": {"buildkit": true}\n}', '{\n  "features": {"buildkit": true, "containerd-snapshotter": true}\n}'],
    ["no features in it", '{\n  "features": {},\n  "a": 1\n}', '{\n  "features": {"containerd-snapshotter": true},\n  "a": 1\n}'],
    ["turned off", '{"features":{"containerd-snapshotter" : false , "buildkit":true}}', '{"features":{"containerd-snapshotter" : true , "buildkit":true}}'],
    [
      "braces and commas in texts",
      '{\n  "a": "},{\\"",\n  "b": "]"\n}',
      '{\n  "a": "},{\\"",\n  "b": "]",\n  "features": {\n    "containerd-snapshotter": true\n  }\n}',
    ],
    ["an own name of JavaScript", '{"__proto__":{"features":1}}', '{"__proto__":{"features":1},"features":{"containerd-snapshotter":true}}'],
  ])("%s", (_name, before, after) => {
    expect(edit(before)).toBe(after);
    expect(edit(after)).toBe(undefined);
  });

  test.each([
    ["a comment", '{\n  // x\n  "a": 1\n}', "it has a comment, which Docker refuses at line 2, column 3"],
    ["a comment of the other kind", '{"a": 1 /* x */}', "it has a comment, which Docker refuses at line 1, column 9"],
    ["a comma behind the last member", '{\n  "a": 1,\n}', "it has a comma behind a last entry, which Docker refuses at line 2, column 9"],
    ["a comma behind the last item", '{"a": [1, ]}', "it has a comma behind a last entry, which Docker refuses at line 1, column 9"],
    ["a name without quotes", "{a: 1}", "it is not JSON at line 1, column 2"],
    ["no end", '{"a": 1', "it is not JSON at line 1, column 8"],
    ["something behind it", '{"a": 1} x', "it is not JSON at line 1, column 10"],
    ["a line feed in a text", '{"a": "x\ny"}', "it is not JSON at line 1, column 7"],
    ["a list", "[]", "it is no JSON object at line 1, column 1"],
    ["null", "null", "it is no JSON object at line 1, column 1"],
    ["features that are a list", '{"features": []}', 'its "features" is no object at line 1, column 14'],
    ["features that are null", '{"features": null}', 'its "features" is no object at line 1, column 14'],
    [
      "a flag that is a text",
      '{"features": {"containerd-snapshotter": "true"}}',
      'its "containerd-snapshotter" is neither true nor false at line 1, column 41',
    ],
    ["a name twice", '{\n "a": 1,\n "a": 2}', 'it has "a" twice in one object at line 3, column 2'],
    ["a name twice, written otherwise", '{"a": 1, "\\u0061": 2}', 'it has "a" twice in one object at line 1, column 10'],
    ["a name twice further in", '{"a": [{"b": 1, "b": 2}]}', 'it has "b" twice in one object at line 1, column 17'],
    ["a byte-order mark", "\ufeff{}", "it begins with a byte-order mark"],
    ["bytes that are no UTF-8", '{"a": "\ufffd"}', "it is not written in UTF-8 at line 1, column 8"],
    ["too many bytes", `{"a":"${"x".repeat(DAEMON_JSON_LIMIT_BYTES)}"}`, `it has more than ${DAEMON_JSON_LIMIT_BYTES} bytes`],
    ["too deep", `{"a":${"[".repeat(100_000)}`, `it is nested deeper than ${DAEMON_JSON_LIMIT_DEPTH} levels`],
  ])("refuses %s", (_name, text, why) => {
    const { code, message, hint } = problemOf(() => edit(text));
    expect([code, message]).toEqual(["daemon-config-invalid", `"${PATH}" cannot be changed: ${why}`]);
    expect(hint).toMatch(/^.+, then run this again; nothing was changed$/);
  });

  test("any configuration keeps every byte but those that are put in, and gains nothing but the feature", () => {
    const blank = fc.constantFrom("", " ", "\t", "\n", "\r\n", "\n  ");
    const features = fc.dictionary(fc.constantFrom("buildkit", "containerd-snapshotter", "x"), fc.boolean());
    const config = fc.tuple(
      fc.dictionary(
        fc.string().filter((key) => !key.includes("\ufffd")),
        fc.jsonValue({ maxDepth: 3 }),
      ),
      fc.option(features, { nil: undefined }),
    );
    fc.assert(
      fc.property(config, fc.constantFrom(undefined, 1, 2, 4, "\t"), fc.boolean(), blank, blank, ([rest, own], indent, crlf, head, tail) => {
        const { features: _other, ...plain } = rest;
        const value = own === undefined ? plain : { ...plain, features: own };
        const json = JSON.stringify(value, null, indent);
        // Only texts that can be told from those that are no UTF-8.
        fc.pre(!json.includes("\ufffd"));
        const text = head + (crlf ? json.replaceAll("\n", "\r\n") : json) + tail;
        const after = edit(text);
        if (own?.["containerd-snapshotter"] === true) {
          expect(after).toBe(undefined);
          return;
        }
        const wanted = { ...value, features: { ...own, "containerd-snapshotter": true } };
        expect(JSON.parse(after ?? "")).toEqual(JSON.parse(JSON.stringify(wanted)));
        const removed = withoutCommon(text, after ?? "");
        // What goes is the flag's former value, or the inside of an object that was empty.
        expect(removed).toMatch(own?.["containerd-snapshotter"] === false ? /^fals$/ : /^$/);
      }),
    );
  });
});

/** What of `before` is not in `after`, when what they begin and end with is left out. */
function withoutCommon(before: string, after: string): string {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return before.slice(start, before.length - end);
}
