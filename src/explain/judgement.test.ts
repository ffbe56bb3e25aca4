import { describe, expect, test } from "vitest";
import { githubLog } from "../../test/harness/github-log.ts";
import { explainLog } from "./explain-log.ts";

const explain = (log: string) => explainLog([log]);
const BUILD = "docker/build-push-action@v6";

describe("unknown logs", () => {
  test.each([
    ["nothing", ""],
    ["prose", "it was a dark and stormy night\n"],
    ["a compiler's error", "main.go:3: undefined: x\nmake: *** [Makefile:3: all] Error 2\n"],
    ["a failed test in a step", githubLog([{ run: "make test", prints: "FAIL: TestX\n##[error]Process completed with exit code 2." }])],
    [
      "a script that only echoes an error's text",
      githubLog([{ run: 'echo "exec format error"\ngrep "no space left on device" log', prints: "##[error]Process completed with exit code 1." }]),
    ],
    [
      "a RUN that quotes one",
      '#9 [2/2] RUN echo "exec format error" && false\n#9 ERROR: process "/bin/sh -c echo \\"exec format error\\" && false" did not complete successfully: exit code: 1\n',
    ],
    [
      "a Dockerfile excerpt that quotes one",
      "Dockerfile:2\n--------------------\n   2 | >>> RUN echo no space left on device\n--------------------\nERROR: failed to solve: exit code: 1\n",
    ],
    ["a build that went well", githubLog([{ run: BUILD, with: {}, prints: "#9 DONE 1.0s" }])],
  ])("%s", async (_, log) => {
    const explanation = await explain(log);
    expect(explanation.verdict).toBe("unknown");
    expect(explanation.failures).toEqual([]);
  });

  test("its lines that look like errors are shown with their numbers", async () => {
    const { errors } = await explain("fine\nERROR: the moon is full\nalso fine\nmake: *** [all] Error 2\n");
    expect(errors).toEqual([
      { number: 2, text: "ERROR: the moon is full" },
      { number: 4, text: "make: *** [all] Error 2" },
    ]);
  });

  test("its last lines, where none looks like an error", async () => {
    const { tail } = await explain("one\ntwo\n\nthree\n");
    expect(tail.map(({ text }) => text)).toEqual(["one", "two", "three"]);
  });
});

describe("several errors", () => {
  test("a log that breaks off in the failing step", async () => {
    const log = githubLog([{ run: BUILD, with: {}, prints: "ERROR: tag is needed when pushing to registry" }]).replace(/[^\n]*Post job cleanup[\s\S]*/, "");
    expect((await explain(log)).failures.map(({ causes }) => causes[0]?.id)).toEqual(["tag-needed-for-push"]);
  });

  test("the first counts, follow-ups join it", async () => {
    const log =
      "ERROR: tag is needed when pushing to registry\n##[error]buildx failed with: ERROR: tag is needed when pushing to registry\n##[error]Process completed with exit code 1.";
    const { failures } = await explain(githubLog([{ run: BUILD, with: {}, prints: log }]));
    expect(failures.map(({ causes }) => causes[0]?.id)).toEqual(["tag-needed-for-push"]);
  });

  test("a step that went well despite an error's text is not what failed", async () => {
    const { failures, notices } = await explain(
      githubLog([
        { run: "docker system df", prints: "retrying: no space left on device" },
        { run: BUILD, with: {}, prints: "##[error]buildx failed with: ERROR: tag is needed when pushing to registry" },
      ]),
    );
    expect(failures.map(({ causes }) => causes[0]?.id)).toEqual(["tag-needed-for-push"]);
    expect(notices.map(({ causes }) => causes[0]?.id)).toEqual(["self-hosted-no-cleanup-disk"]);
  });

  test("two failing steps give two failures, in order", async () => {
    const { failures } = await explain(
      githubLog([
        { run: BUILD, with: {}, prints: "##[error]buildx failed with: ERROR: tag is needed when pushing to registry" },
        { run: "docker/login-action@v3", with: {}, prints: "##[error]Username and password required" },
      ]),
    );
    expect(failures.map(({ causes }) => causes[0]?.id)).toEqual(["tag-needed-for-push", "fork-pr-no-secrets"]);
  });

  test("what a platform printed that did not fail is left out", async () => {
    const log = `#8 [linux/amd64 2/3] RUN a
#8 0.1 write x: no space left on device
#8 DONE 1.0s
#9 [linux/arm64 2/3] RUN a
#9 0.1 qemu: uncaught target signal 11 (Segmentation fault) - core dumped
#9 ERROR: process "/bin/sh -c a" did not complete successfully: exit code: 139
`;
    const { failures } = await explain(log);
    expect(failures.map(({ causes }) => causes.map(({ id }) => id))).toEqual([["qemu-segfault"]]);
  });
});

describe("warnings", () => {
  const WARNING = "##[warning]Unexpected input(s) 'platform', valid inputs are ['add-hosts', 'platforms']";

  test("are told beside a failure, not as one", async () => {
    const { verdict, failures, notices } = await explain(
      githubLog([{ run: BUILD, with: {}, prints: `${WARNING}\n##[error]buildx failed with: ERROR: tag is needed when pushing to registry` }]),
    );
    expect(verdict).toBe("explained");
    expect(failures.map(({ causes }) => causes[0]?.id)).toEqual(["tag-needed-for-push"]);
    expect(notices.map(({ causes }) => causes[0]?.id)).toEqual(["platform-key-typo"]);
  });

  test("do not explain an error that nobody knows", async () => {
    const { verdict, notices } = await explain(githubLog([{ run: BUILD, with: {}, prints: `${WARNING}\n##[error]the moon is full` }]));
    expect(verdict).toBe("unknown");
    expect(notices.map(({ causes }) => causes[0]?.id)).toEqual(["platform-key-typo"]);
  });

  test("are all there is to say of a log without errors", async () => {
    const { verdict } = await explain(githubLog([{ run: BUILD, with: {}, prints: WARNING }]));
    expect(verdict).toBe("noticed");
  });
});

describe("causes", () => {
  test("a warning of an earlier step turns a line that only mentions something into what failed", async () => {
    const missing =
      "Unable to find image 'app:1' locally\ndocker: Error response from daemon: manifest for app:1 is not here.\n##[error]Process completed with exit code 125.";
    const run = { run: "docker run app:1", prints: missing };
    expect((await explain(githubLog([run]))).verdict).toBe("unknown");
    const warned =
      "WARNING: No output specified with docker-container driver. Build result will only remain in the build cache. To push result image into registry use --push or to load image into docker use --load";
    const { failures } = await explain(githubLog([{ run: BUILD, with: {}, prints: warned }, run]));
    expect(failures.map(({ causes }) => causes[0]?.id)).toEqual(["no-output"]);
  });

  const MULTI = "##[error]buildx failed with: ERROR: Multi-platform build is not supported for the docker driver.";

  test("that the log cannot tell apart are all named, with what tells them apart", async () => {
    const { failures } = await explain("ERROR: Multi-platform build is not supported for the docker driver.\n");
    const causes = failures[0]?.causes ?? [];
    expect(causes.length).toBeGreaterThan(3);
    expect(causes.every(({ confidence, apart }) => confidence === "possible" && apart !== undefined)).toBe(true);
  });

  test("another job's builder is told where the log holds that job", async () => {
    const job = (name: string, log: string): string => log.replace(/^\ufeff?/gm, `${name}\tUNKNOWN STEP\t`).replace(/\n[^\n]*\t$/, "\n");
    const log =
      job("setup", githubLog([{ run: "docker/setup-buildx-action@v3", with: {} }])) + job("push", githubLog([{ run: BUILD, with: {}, prints: MULTI }]));
    const { failures } = await explain(log);
    expect(failures[0]?.causes.map(({ id }) => id)).toContain("setup-buildx-other-job");
    expect(failures[0]?.where.job).toBe("push");
  });

  test("inputs of several lines are read whole", async () => {
    const { failures } = await explain(githubLog([{ run: BUILD, with: { tags: "org/app:1\norg/app:2", push: "true" }, prints: MULTI }]));
    expect(failures[0]?.where.step?.with).toEqual({ tags: "org/app:1\norg/app:2", push: "true" });
  });
});
