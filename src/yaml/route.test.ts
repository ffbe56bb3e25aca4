import { expect, test } from "vitest";
import { parseYaml } from "./parse.ts";
import { nodeAt, type Route, routeText } from "./route.ts";

const text = "jobs:\n  build:\n    steps: &s\n      - with: { platforms: linux/amd64 }\n  again:\n    steps: *s\n  8: x\n";
const { root } = parseYaml({ name: "x", text });

test.each<[Route, string, unknown]>([
  [["jobs", "build", "steps", 0, "with", "platforms"], "jobs.build.steps[0].with.platforms", { value: "linux/amd64" }],
  [["jobs", "again", "steps", 0, "with", "platforms"], "jobs.again.steps[0].with.platforms", { value: "linux/amd64" }],
  [["jobs", "again", "steps"], "jobs.again.steps", { kind: "alias" }],
  [["jobs", "8"], 'jobs["8"]', { value: "x" }],
  [[], "the document", { kind: "mapping" }],
])("%j", (route, shown, node) => {
  expect(routeText(route)).toBe(shown);
  expect(nodeAt(root, route)).toMatchObject(node as object);
});

test.each<[Route]>([[["jobs", "test"]], [["jobs", "build", "steps", 1]], [["jobs", "build", "steps", "0"]], [["jobs", "8", "y"]]])("nothing at %j", (route) => {
  expect(nodeAt(root, route)).toBeUndefined();
});
