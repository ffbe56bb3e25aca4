import { describe, expect, test } from "vitest";
import { hostFixJson } from "./fix-json.ts";
import { hostFixText, type ShownHostFix } from "./fix-text.ts";

const FILE = { kind: "file", path: "/etc/docker/daemon.json", before: "{}\n", after: '{"a":1}\n', about: "turns it on" } as const;
const RESTART = {
  kind: "restart",
  command: ["systemctl", "restart", "docker"],
  byHand: "sudo systemctl restart docker",
  about: "Docker reads it when it starts",
} as const;
const BY_HAND = { ...RESTART, command: undefined };
const BUILDER = {
  kind: "builder",
  name: "b",
  command: ["docker", "buildx", "create", "--name", "it's"],
  undo: ["docker", "buildx", "rm", "b"],
  about: "it is made",
} as const;
const report = (changes: Partial<ShownHostFix>): ShownHostFix => ({
  outcome: "planned",
  with: "containerd",
  changes: [],
  notes: [],
  left: [],
  record: undefined,
  ...changes,
});

describe("what is shown of changes of this machine", () => {
  test("a plan: diffs and command lines, notes, and that nothing was done", () => {
    expect(hostFixText(report({ changes: [FILE, RESTART, BUILDER], notes: ["it\u001bcosts"] }))).toBe(`change "/etc/docker/daemon.json": turns it on
--- a/etc/docker/daemon.json
+++ b/etc/docker/daemon.json
@@ -1,1 +1,1 @@
-{}
+{"a":1}

restart Docker: Docker reads it when it starts
    systemctl restart docker

builder "b": it is made
    docker buildx create --name 'it'\\''s'

note: it\\x1bcosts

nothing was changed: add --write to do it`);
  });
  test("a file that is made, with line ends that no terminal shows", () => {
    expect(hostFixText(report({ changes: [{ ...FILE, before: undefined, after: "a\r\nb\r\n" }] }))).toMatch(
      /^make .*\n--- .*\n\+\+\+ .*\n@@ -0,0 \+1,2 @@\n\+a\n\+b\n\nnothing/,
    );
  });
  test.each<[string, Partial<ShownHostFix>, string]>([
    ["nothing to do", { outcome: "nothing", notes: ["it is so already"] }, "note: it is so already\n\nnothing to do"],
    ["nothing to undo", { outcome: "nothing", with: undefined }, "nothing to undo"],
    [
      "done",
      { outcome: "done", changes: [RESTART] },
      'restart Docker: Docker reads it when it starts\n\ndone, and it works; "multihull fix --host --undo" takes it back',
    ],
    [
      "an act that is left",
      { outcome: "pending", changes: [BY_HAND], left: ["do it"] },
      'left to you: do it\n\nnothing was changed; "multihull doctor --host" shows whether it works afterwards',
    ],
    [
      "a plan of advice alone",
      { changes: [BY_HAND], left: ["do it"] },
      'left to you: do it\n\nmultihull can change nothing here; "multihull doctor --host" shows whether it works afterwards',
    ],
    [
      "written, with an act that is left",
      { outcome: "pending", changes: [BUILDER, BY_HAND], left: ["do it"] },
      'builder "b": it is made\n\nleft to you: do it\n\nwritten, and takes effect after what is left to you; "multihull doctor --host" shows whether it works then, and "multihull fix --host --undo" takes it back',
    ],
    [
      "undone",
      { outcome: "undone", changes: [BUILDER, FILE] },
      'took back builder "b": docker buildx rm b\nput "/etc/docker/daemon.json" back as it was\n\nundone',
    ],
  ])("%s", (_name, changes, text) => {
    expect(hostFixText(report(changes))).toBe(text);
  });
  test("the document has each change with what it takes", () => {
    expect(hostFixJson(report({ changes: [FILE, BY_HAND], left: ["do it"], record: "r" }))).toEqual({
      version: 1,
      outcome: "planned",
      with: "containerd",
      changes: [
        {
          kind: "file",
          about: "turns it on",
          path: FILE.path,
          diff: '--- a/etc/docker/daemon.json\n+++ b/etc/docker/daemon.json\n@@ -1,1 +1,1 @@\n-{}\n+{"a":1}\n',
        },
        { kind: "restart", about: "Docker reads it when it starts", byHand: "sudo systemctl restart docker" },
      ],
      notes: [],
      left: ["do it"],
      record: "r",
    });
  });
});
