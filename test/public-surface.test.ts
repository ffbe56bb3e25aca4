import { expect, test } from "vitest";
import { byCodeUnit } from "../src/core/order.ts";

test("the public surface is what we meant", async () => {
  const names = Object.keys(await import("../src/index.ts")).sort(byCodeUnit);
  expect(names).toEqual(["PROBLEMS", "ProblemError", "build", "inspect", "inspectRaw", "isProblem", "plan", "prune", "serveRegistry"]);
});
