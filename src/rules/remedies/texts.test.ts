import { describe, expect, test } from "vitest";
import type { FileEdit } from "../../findings/finding.ts";
import { applyFix } from "../../fix/apply.ts";
import { withContainerdStore } from "./daemon-config.ts";
import { addFlag, insertLineAfter, insertLineBefore, removeLines, replaceText, useBuildx } from "./texts.ts";

function applied(text: string, edit: FileEdit | undefined): string | undefined {
  if (edit === undefined) return undefined;
  const outcome = applyFix({ with: undefined, safety: "safe", edits: [edit] }, () => text);
  return "refused" in outcome ? `refused: ${outcome.refused}` : outcome.texts.get("Dockerfile");
}
const fileOf = (text: string) => ({ name: "Dockerfile", text });
const placeOf = (text: string, part = text) => ({ file: fileOf(text), span: { start: text.indexOf(part), end: text.indexOf(part) + part.length } });

describe("lines", () => {
  const cases: readonly (readonly [name: string, before: string, edit: (text: string) => FileEdit, after: string])[] = [
    ["put behind one", "FROM a\nRUN b\n", (text) => insertLineAfter(fileOf(text), 2, "ARG TARGETARCH"), "FROM a\nARG TARGETARCH\nRUN b\n"],
    ["put behind one, CRLF", "FROM a\r\nRUN b\r\n", (text) => insertLineAfter(fileOf(text), 2, "ARG TARGETARCH"), "FROM a\r\nARG TARGETARCH\r\nRUN b\r\n"],
    ["put behind the last without an end", "FROM a", (text) => insertLineAfter(fileOf(text), 2, "ARG TARGETARCH"), "FROM a\nARG TARGETARCH"],
    ["put before one", "FROM a\r\nRUN b", (text) => insertLineBefore(fileOf(text), 9, "ARG X"), "FROM a\r\nARG X\r\nRUN b"],
    ["taken out", "FROM a\nARG X=1\nRUN b\n", (text) => removeLines(placeOf(text, "ARG X=1")), "FROM a\nRUN b\n"],
    ["taken out with their ends in the place", "FROM a\nARG X \\\n Y\nRUN b\n", (text) => removeLines(placeOf(text, "ARG X \\\n Y\n")), "FROM a\nRUN b\n"],
    ["taken out at the end", "FROM a\r\nRUN b", (text) => removeLines(placeOf(text, "RUN b")), "FROM a"],
    ["changed in part", "ARG TARGETARCH=amd64\n", (text) => replaceText(placeOf(text, "=amd64"), ""), "ARG TARGETARCH\n"],
  ];
  test.each(cases)("%s", (_, before, edit, after) => expect(applied(before, edit(before))).toBe(after));
});

describe("commands", () => {
  const flags: readonly (readonly [before: string, after: string | undefined])[] = [
    ["docker build -t x .", "docker build --load -t x ."],
    ["docker buildx build .", "docker buildx build --load ."],
    ["sudo DOCKER_BUILDKIT=1 docker  buildx \\\n  bake", "sudo DOCKER_BUILDKIT=1 docker  buildx \\\n  bake --load"],
    ["podman build .", "podman build --load ."],
    ["./docker build .", undefined],
    ["docker-compose build", undefined],
    ["$DOCKER build .", undefined],
  ];
  test.each(flags)("a flag for %j", (before, after) => expect(applied(before, addFlag(placeOf(before), "--load"))).toBe(after));

  const builds: readonly (readonly [before: string, after: string | undefined])[] = [
    ["docker build -t x .", "docker buildx build -t x ."],
    ["sudo docker  image  build .", "sudo docker buildx  build ."],
    ["docker \\\r\n  build .", "docker buildx \\\r\n  build ."],
    ["docker buildx build .", undefined],
    ["docker build-x .", undefined],
    ["my-docker build .", undefined],
  ];
  test.each(builds)("Buildx for %j", (before, after) => expect(applied(before, useBuildx(placeOf(before)))).toBe(after));
});

describe("the containerd image store in daemon.json", () => {
  const on = '{\n  "features": {\n    "containerd-snapshotter": true\n  }\n}\n';
  const cases: readonly (readonly [name: string, before: string | undefined, after: string | undefined])[] = [
    ["a new one", undefined, on],
    ["an empty one", " \n", on],
    ["beside other keys", '{\n    "debug": true\n}\n', '{\n    "debug": true,\n    "features": {\n        "containerd-snapshotter": true\n    }\n}\n'],
    ["beside other features, on one line", '{"features": {"buildkit": true}}', '{"features":{"buildkit":true,"containerd-snapshotter":true}}'],
    ["where it is off", '{"features":{"containerd-snapshotter":false}}', '{"features":{"containerd-snapshotter":true}}'],
    ["where it is on", on, undefined],
    ["an expression", `\${{ inputs.config }}`, undefined],
    ["a mistake", "{debug: true}", undefined],
    ["no object", "[1]", undefined],
    ["features that are none", '{"features": 1}', undefined],
  ];
  test.each(cases)("%s", (_, before, after) => expect(withContainerdStore(before)).toBe(after));
});
