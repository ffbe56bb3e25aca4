import { expect, test } from "vitest";
import { madeStudy, NOWHERE, textsOf, withBuild } from "../../test/harness/made-study.ts";
import type { Text } from "../simulate/text.ts";
import { madeImages } from "./made-images.ts";

const WORKFLOW = "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo\n";
const text = (...parts: (string | undefined)[]): Text => ({ parts: parts.map((part) => part ?? { source: "github.repository", atoms: [] }), place: NOWHERE });
const tags = (...items: Text[]) => ({ tags: { items, open: false, place: NOWHERE } });

const cases: Record<string, { asked: Parameters<typeof withBuild>[1]; reference: string; is: string }> = {
  "another image": { asked: tags(text("org/app:1")), reference: "docker.io/library/debian:13", is: "no" },
  "the same, whatever its tag": { asked: tags(text("org/base:1")), reference: "docker.io/org/base:2", is: "yes" },
  "one whose name only begins so": { asked: tags(text("org/base:1")), reference: "docker.io/org/base-slim:1", is: "no" },
  "the same, by its digest": { asked: tags(text("ghcr.io/org/base")), reference: `ghcr.io/org/base@sha256:${"a".repeat(64)}`, is: "yes" },
  "an output's name": { asked: { outputs: textsOf("type=image,name=ghcr.io/org/base,push=true") }, reference: "ghcr.io/org/base:1", is: "yes" },
  "of an unknown owner": { asked: tags(text("ghcr.io/", undefined, "/base:1")), reference: "ghcr.io/org/base:1", is: "yes" },
  "of an unknown owner, another": { asked: tags(text("ghcr.io/", undefined, "/base:1")), reference: "ghcr.io/org/tool:1", is: "no" },
  "of an unknown name in that registry": { asked: tags(text("ghcr.io/", undefined, ":1")), reference: "ghcr.io/org/tool:1", is: "maybe" },
  "of an unknown name in another registry": { asked: tags(text("ghcr.io/", undefined)), reference: "docker.io/library/debian:13", is: "no" },
  "an unknown tag": { asked: tags(text("org/app:", undefined)), reference: "docker.io/org/app:1", is: "yes" },
  "wholly unknown": { asked: tags(text(undefined)), reference: "docker.io/library/debian:13", is: "no" },
};
for (const [name, { asked, reference, is }] of Object.entries(cases)) {
  test(name, () => expect(madeImages(withBuild(madeStudy(WORKFLOW, { build: [{ scenario: "push main" }] }), asked))(reference)).toBe(is));
}
