import { expect, test } from "vitest";
import { isIdentityLabel, isPlatformLabel, isStandardLabel } from "./labels.ts";

const KEYS = [
  "org.opencontainers.image.source",
  "org.opencontainers.image.created",
  "org.opencontainers.image.revision",
  "org.opencontainers.image.base.digest",
  "org.label-schema.vcs-url",
  "org.label-schema.url",
  "com.docker.official-images.bashbrew.arch",
  "com.example/version",
  "Architecture",
  "maintainer",
  "opencontainers.image.source",
];

test("labels of the standards", () => {
  expect(KEYS.filter(isStandardLabel)).toEqual([
    "org.opencontainers.image.source",
    "org.opencontainers.image.revision",
    "org.label-schema.vcs-url",
    "org.label-schema.url",
  ]);
});

test("labels that name what an image was built from", () => {
  expect(KEYS.filter(isIdentityLabel)).toEqual([
    "org.opencontainers.image.source",
    "org.opencontainers.image.revision",
    "org.label-schema.vcs-url",
    "com.example/version",
    "opencontainers.image.source",
  ]);
});

test("labels that are another for each platform", () => {
  expect(KEYS.filter(isPlatformLabel)).toEqual([
    "org.opencontainers.image.created",
    "org.opencontainers.image.base.digest",
    "com.docker.official-images.bashbrew.arch",
    "Architecture",
  ]);
});
