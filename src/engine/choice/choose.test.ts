import { expect, test } from "vitest";
import { parsePlatform } from "../../core/platform.ts";
import { chooseEngine, nameOf } from "./choose.ts";
import type { EngineOption, Way } from "./option.ts";

const ways = (all: Readonly<Record<string, Way>>): EngineOption["ways"] =>
  Object.entries(all).map(([platform, way]) => ({ platform: parsePlatform(platform), way }));
const embedded = (all: Readonly<Record<string, Way>>, ...against: string[]): EngineOption => ({ engine: "embedded", against, ways: ways(all) });
const buildkit = (all: Readonly<Record<string, Way>>, ...against: string[]): EngineOption => ({
  engine: "buildkit",
  builder: { name: "team", driver: "docker-container" },
  against,
  ways: ways(all),
});
const BOTH = { "linux/amd64": "native", "linux/arm64": "emulated" } as const;

test.each([
  ["files only: embedded, though BuildKit could", embedded({}), buildkit({}), "embedded", "no step runs a program"],
  [
    "files only, which the embedded engine cannot: BuildKit",
    embedded({}, "an attestation is asked for"),
    buildkit({}),
    "buildkit",
    "an attestation is asked for",
  ],
  ["programs that BuildKit runs natively: BuildKit", embedded(BOTH), buildkit(BOTH), "buildkit", "it runs linux/amd64 natively"],
  [
    "native nodes for both: BuildKit",
    embedded(BOTH),
    buildkit({ "linux/amd64": "native", "linux/arm64": "native" }),
    "buildkit",
    "it runs linux/amd64, linux/arm64 natively",
  ],
  [
    "natively here and emulated there: embedded",
    embedded({ "linux/arm64": "native" }),
    buildkit({ "linux/arm64": "emulated" }),
    "embedded",
    "it runs linux/arm64 natively, and BuildKit fewer",
  ],
  [
    "emulated by both: embedded",
    embedded({ "linux/arm64": "emulated" }),
    buildkit({ "linux/arm64": "emulated" }),
    "embedded",
    "BuildKit would emulate as well, and needs a builder",
  ],
  ["no Docker: embedded", embedded(BOTH), buildkit({}, "there is no docker program"), "embedded", "there is no docker program"],
  [
    "no sandbox here: BuildKit, even emulated",
    embedded({ "linux/arm64": "impossible" }),
    buildkit({ "linux/arm64": "emulated" }),
    "buildkit",
    "it cannot run linux/arm64",
  ],
  [
    "the builder runs one platform only: embedded",
    embedded(BOTH),
    buildkit({ "linux/amd64": "native", "linux/arm64": "impossible" }),
    "embedded",
    "it cannot run linux/arm64",
  ],
  [
    "neither: both reasons",
    embedded({ "linux/arm64": "impossible" }),
    buildkit({}, "there is no docker program"),
    undefined,
    'the embedded engine: it cannot run linux/arm64; BuildKit (builder "team", docker-container): there is no docker program',
  ],
] as const)("%s", (_, ours, theirs, engine, why) => {
  const programs = [...new Map([...ours.ways, ...theirs.ways].map(({ platform }) => [JSON.stringify(platform), platform])).values()];
  const choice = chooseEngine({ programs }, ours, theirs);
  expect({ engine: choice.chosen?.engine, why: choice.why }).toEqual({ engine, why });
});

test("a builder is named with its driver", () => {
  expect(nameOf(buildkit({}))).toBe('BuildKit (builder "team", docker-container)');
});
