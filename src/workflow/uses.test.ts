// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are GitHub's.
import { expect, test } from "vitest";
import { readWorkflow } from "./read-workflow.ts";
import type { UsesTarget } from "./uses.ts";

const cases: Record<string, UsesTarget> = {
  "docker/build-push-action@v6": { kind: "repository", owner: "docker", repo: "build-push-action", path: "", ref: "v6" },
  "a/b/c/d@refs/heads/x": { kind: "repository", owner: "a", repo: "b", path: "c/d", ref: "refs/heads/x" },
  "a/b@0123456789abcdef0123456789abcdef01234567": { kind: "repository", owner: "a", repo: "b", path: "", ref: "0123456789abcdef0123456789abcdef01234567" },
  "./.github/actions/x/": { kind: "local", path: ".github/actions/x" },
  "./": { kind: "local", path: "" },
  "docker://ghcr.io/a/b:1": { kind: "docker", image: "ghcr.io/a/b:1" },
  "a/b": { kind: "unknown" },
  "../x": { kind: "unknown" },
  "a/${{ github.ref }}@v1": { kind: "unknown" },
};
for (const [text, target] of Object.entries(cases)) {
  test(text, () => {
    const { workflow } = readWorkflow({ name: "w.yml", text: `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: "${text}"\n` });
    expect(workflow?.jobs[0]?.steps[0]?.uses?.target).toEqual(target);
  });
}
