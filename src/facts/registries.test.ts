import { describe, expect, test } from "vitest";
import { cacheIsImageManifest, logInError, pushesSubjectLate, registryFacts } from "./registries.ts";

describe("a registry by its host", () => {
  const cases: Record<string, string | undefined> = {
    "docker.io": "Docker Hub",
    "ghcr.io": "GitHub Packages",
    "123.dkr.ecr.eu-west-1.amazonaws.com": "Amazon ECR",
    "europe-docker.pkg.dev": "Google Artifact Registry",
    "eu.gcr.io": "Google Artifact Registry",
    "ghcr.io.example.org": undefined,
    "localhost:5000": undefined,
  };
  for (const [host, name] of Object.entries(cases)) test(host, () => expect(registryFacts(host)?.name).toBe(name));
});

test("one takes pushes from anybody", () => expect(registryFacts("ttl.sh")?.push).toBe("anybody"));

test("since when BuildKit's cache is an image manifest", () => {
  expect(cacheIsImageManifest("0.20.2")).toBe(false);
  expect(cacheIsImageManifest("0.21.0")).toBe(true);
});

test("what the log-in action says", () => expect(logInError("password")).toBe("Error: Password required"));

describe("attestations before their images", () => {
  const cases: Record<string, { buildkit: string | null | undefined; asOf: string; is: boolean }> = {
    "before 0.32": { buildkit: "0.31.2", asOf: "2026-09-01", is: false },
    "0.32.0": { buildkit: "0.32.0", asOf: "2026-09-01", is: true },
    "0.32.1, which did not": { buildkit: "0.32.1", asOf: "2026-09-01", is: false },
    "0.32.2, which does again": { buildkit: "0.32.2", asOf: "2026-09-01", is: true },
    "the newest before": { buildkit: undefined, asOf: "2026-07-26", is: false },
    "the newest since": { buildkit: undefined, asOf: "2026-09-01", is: true },
    "one that nobody knows": { buildkit: null, asOf: "2026-09-01", is: false },
  };
  for (const [name, { buildkit, asOf, is }] of Object.entries(cases)) test(name, () => expect(pushesSubjectLate(buildkit, asOf)).toBe(is));
});
