import { describe, expect, test } from "vitest";
import { isProblem } from "./problem.ts";
import { formatReference, parseReference, withDefaultTag } from "./reference.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("parseReference", () => {
  const good: Readonly<Record<string, string>> = {
    alpine: "docker.io/library/alpine",
    "alpine:3.20": "docker.io/library/alpine:3.20",
    "user/app": "docker.io/user/app",
    "ghcr.io/org/app:v1": "ghcr.io/org/app:v1",
    "localhost/app": "localhost/app",
    "localhost:5000/app:1": "localhost:5000/app:1",
    "127.0.0.1:5000/a/b/c": "127.0.0.1:5000/a/b/c",
    "[::1]:5000/app": "[::1]:5000/app",
    "index.docker.io/library/alpine": "docker.io/library/alpine",
    "docker.io/alpine": "docker.io/library/alpine",
    [`quay.io/x/y@${digest}`]: `quay.io/x/y@${digest}`,
    [`quay.io/x/y:v1@${digest}`]: `quay.io/x/y:v1@${digest}`,
    "a__b/c-d.e": "docker.io/a__b/c-d.e",
  };
  for (const [text, full] of Object.entries(good)) test(`${text} is ${full}`, () => expect(formatReference(parseReference(text))).toBe(full));

  const bad: Readonly<Record<string, { text: string; message: RegExp }>> = {
    "capitals in a repository": { text: "ghcr.io/Org/app", message: /lower case/ },
    "nothing at all": { text: "", message: /missing/ },
    "a tag with a slash behind it is a path": { text: "app:v1/x", message: /not a registry|not a repository/ },
    "an empty tag": { text: "app:", message: /not a tag/ },
    "a tag of 129 characters": { text: `app:${"x".repeat(129)}`, message: /not a tag/ },
    "half a digest": { text: "app@sha256:abc", message: /not a digest/ },
    "a space": { text: "my app", message: /not a repository/ },
    "an address with a scheme": { text: "https://ghcr.io/org/app", message: /does not name an image/ },
    "a path upward": { text: "ghcr.io/../etc", message: /not a repository/ },
    "256 characters": { text: `ghcr.io/${"a".repeat(256)}`, message: /not a repository/ },
  };
  for (const [name, c] of Object.entries(bad)) {
    test(`${name} is refused`, () => {
      try {
        parseReference(c.text);
        expect.unreachable();
      } catch (error) {
        expect(isProblem(error, "reference-malformed") && error.message).toMatch(c.message);
      }
    });
  }
});

test("capitals come with the name in lower case as a hint", () => {
  expect(() => parseReference("Org/App:V1")).toThrow(expect.objectContaining({ hint: "did you mean org/app:V1?" }));
});

test("the default tag is only for references without tag and digest", () => {
  expect(formatReference(withDefaultTag(parseReference("alpine")))).toBe("docker.io/library/alpine:latest");
  expect(formatReference(withDefaultTag(parseReference(`alpine@${digest}`)))).toBe(`docker.io/library/alpine@${digest}`);
});
