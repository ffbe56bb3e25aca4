import { describe, expect, test } from "vitest";
import { type EditStep, edited, jobOf as job } from "../../../test/harness/edited-step.ts";
import { newestVersion } from "../../facts/actions.ts";
import { bumpAction, inputsLost, newestAs } from "./actions.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const release = newestVersion("docker/setup-buildx-action", "2026-08-21");
if (release?.commit === undefined) throw new Error("the table has no commit of the newest setup-buildx-action");
const { tag } = release;

describe("another release", () => {
  const bump: EditStep = (at) => bumpAction(at(0), "2026-08-21");
  const cases: readonly (readonly [name: string, before: string, edit: EditStep, after: string])[] = [
    ["of a major", "docker/setup-buildx-action@v2", bump, "docker/setup-buildx-action@v4"],
    ["of a major, quoted, with a comment of its own", "'docker/setup-buildx-action@v2' # builder", bump, "'docker/setup-buildx-action@v4' # builder"],
    ["of a whole version", "docker/setup-buildx-action@v2.1.0", bump, `docker/setup-buildx-action@${tag}`],
    ["of two numbers", "docker/setup-buildx-action@v2.1", bump, `docker/setup-buildx-action@${tag.replace(/\.\d+$/, "")}`],
    ["of a commit, with the version behind it", `docker/setup-buildx-action@${commit} # v2.1.0`, bump, `docker/setup-buildx-action@${release.commit} # ${tag}`],
    [
      "of a commit, in the words of its comment",
      `docker/setup-buildx-action@${commit} #tag=2.1.0, pinned`,
      bump,
      `docker/setup-buildx-action@${release.commit} # tag=${tag.slice(1)}, pinned`,
    ],
    ["of a commit without a comment", `docker/setup-buildx-action@${commit}`, bump, `docker/setup-buildx-action@${release.commit} # ${tag}`],
    ["of a given major", "docker/setup-buildx-action@v2", (at) => bumpAction(at(0), "2026-08-21", 3), "docker/setup-buildx-action@v3"],
    ["as they were at a date", "docker/setup-buildx-action@v2", (at) => bumpAction(at(0), "2025-06-06"), "docker/setup-buildx-action@v3"],
    ["in its own letters", "Docker/Setup-Buildx-Action@v2", bump, "Docker/Setup-Buildx-Action@v4"],
  ];
  test.each(cases)("%s", (_, before, edit, after) => expect(edited(job(`      - uses: ${before}\n`), edit)).toBe(job(`      - uses: ${after}\n`)));

  const left: readonly (readonly [name: string, uses: string])[] = [
    ["the newest already", "docker/setup-buildx-action@v4"],
    ["a branch", "docker/setup-buildx-action@master"],
    ["an action nobody described", "someone/else@v1"],
    ["a local action", "./set-up"],
  ];
  test.each(left)("not of %s", (_, uses) => expect(edited(job(`      - uses: ${uses}\n`), bump)).toBe("undefined"));
});

describe("a new action is written as the file writes its actions", () => {
  const styles: readonly (readonly [name: string, steps: string, uses: string, comment: string | undefined])[] = [
    ["majors", "      - uses: a/b@v1\n      - uses: c/d@v2\n", "docker/setup-buildx-action@v4", undefined],
    ["whole versions", "      - uses: a/b@v1.2.3\n", `docker/setup-buildx-action@${tag}`, undefined],
    ["commits", `      - uses: a/b@${commit} # v1\n      - uses: c/d@${commit}\n      - uses: e/f@v1\n`, `docker/setup-buildx-action@${release.commit}`, tag],
    ["no actions at all", "      - run: a\n", "docker/setup-buildx-action@v4", undefined],
    ["branches and local ones alone", "      - uses: a/b@main\n      - uses: ./c\n", "docker/setup-buildx-action@v4", undefined],
  ];
  test.each(styles)("%s", (_, steps, uses, comment) =>
    expect(newestAs({ name: "ci.yml", text: job(steps) }, "docker/setup-buildx-action", "2026-08-21")).toEqual({ uses, comment }),
  );
  test("none for an action nobody described", () =>
    expect(newestAs({ name: "ci.yml", text: job("      - run: a\n") }, "someone/else", "2026-08-21")).toBeUndefined());
});

test("inputs that a newer major does not know", () => {
  const text = job(
    "      - uses: docker/setup-buildx-action@v3\n        with:\n          Config-Inline: x\n          install: true\n          driver: docker-container\n",
  );
  const place = { file: { name: "ci.yml", text }, route: ["jobs", "a", "steps", 0] };
  expect(inputsLost(place, "2026-08-21")).toEqual(["Config-Inline", "install"]);
  expect(inputsLost(place, "2026-08-21", 3)).toEqual([]);
});
