import { expect, test } from "vitest";
import { parseReference } from "../core/reference.ts";
import { keptRepository } from "./store-names.ts";

test.each([
  ["app", "library/app"],
  ["org/app:v1", "org/app"],
  ["127.0.0.1:5000/team/app", "team/app"],
  ["localhost/app", "app"],
  ["localhost:5000/app", "app"],
  ["ghcr.io/org/app", "ghcr.io/org/app"],
  ["registry.example:8443/app", "registry.example-8443/app"],
  ["Registry.Example/app", "registry.example/app"],
])("%s is kept as %s", (name, repository) => expect(keptRepository(parseReference(name))).toBe(repository));
