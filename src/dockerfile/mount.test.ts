import { describe, expect, test } from "vitest";
import { csvFields, readMount } from "./mount.ts";

describe("readMount", () => {
  test.each([
    ["target=/a", "bind", { target: "/a", readonly: "true" }],
    ["type=bind,src=/s,destination=/t,from=x,rw", "bind", { source: "/s", target: "/t", from: "x", readonly: "false" }],
    ["type=bind,dst=/t,readonly=f", "bind", { target: "/t", readonly: "false" }],
    [
      "TYPE=Cache,Target=/c,ro,id=i,sharing=Private,mode=0700,uid=1,gid=2",
      "cache",
      { target: "/c", readonly: "true", id: "i", sharing: "private", mode: "0700", uid: "1", gid: "2" },
    ],
    ["type=tmpfs,target=/t,size=1.5GiB", "tmpfs", { target: "/t", size: "1.5GiB", readonly: "false" }],
    ["type=secret,id=s,env=TOKEN,required", "secret", { id: "s", env: "TOKEN", required: "true", readonly: "true" }],
    ["type=ssh,required=0", "ssh", { required: "false", readonly: "true" }],
    ['"target=/a,b",type=bind', "bind", { target: "/a,b", readonly: "true" }],
    ["type=$T,uid=$U,size=$S", "bind", { type: "$T", uid: "$U", size: "$S", readonly: "true" }],
  ])("%s", (text, type, options) => {
    const mount = readMount(text);
    expect([mount.type, Object.fromEntries(mount.options)]).toEqual([type, options]);
  });

  test("with variables expanded the values are checked", () => {
    const values: Record<string, string> = { $T: "tmpfs", $S: "10m", $U: "x" };
    const expand = (value: string): string => values[value] ?? value;
    const mount = readMount("type=$T,size=$S,target=/x", expand);
    expect([mount.type, mount.options.get("size"), mount.options.has("type")]).toEqual(["tmpfs", "10m", false]);
    expect(() => readMount("type=cache,uid=$U,target=/x", expand)).toThrow('"x" is not a uid');
  });

  test.each([
    ["type=vol", 'a mount\'s type cannot be "vol"'],
    ["type", 'the mount\'s option "type" needs a value'],
    ["foo=bar", 'a mount has no option "foo"'],
    ["", 'a mount has no option ""'],
    ["target", 'the mount\'s option "target" needs a value'],
    ["from=$x", 'the mount\'s "from" cannot hold a variable'],
    ["readonly=maybe", '"readonly=maybe" is neither true nor false'],
    ["required,type=secret,id=a", 'a bind mount has no "required"'],
    ["type=bind,size=1", 'a bind mount has no "size"'],
    ["type=bind,uid=1", 'a bind mount has no "uid"'],
    ["type=bind,sharing=locked", 'a bind mount has no "sharing"'],
    ["type=cache,sharing=loked", "a cache mount's sharing cannot be"],
    ["type=cache,mode=9", '"9" is not a mode'],
    ["type=cache,uid=-1", '"-1" is not a uid'],
    ["type=tmpfs,size=big", '"big" is not a size'],
    ["type=secret", "a secret mount names no secret"],
    ["type=secret,id=a,src=b", "a secret mount has both source and id"],
    ["type=secret,id=a,from=b", 'a secret mount has no "from"'],
    ['a"b', 'a quote stands inside the field "a"b"'],
    ['"a', 'a quote does not close in ""a"'],
  ])("refuses %j", (text, message) => expect(() => readMount(text)).toThrow(message));
});

test.each([
  ["a,b", ["a", "b"]],
  ["a,", ["a", ""]],
  ['"a,""b""",c', ['a,"b"', "c"]],
  ['""', [""]],
])("csvFields(%j)", (text, fields) => expect(csvFields(text)).toEqual(fields));
