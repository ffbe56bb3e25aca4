import { LEGACY_WARNING, legacyFlagLine, legacyPlatformsLine } from "../facts/buildx.ts";
import { atomsOf } from "./alternatives.ts";
import type { ResolvedBuilder } from "./builder-of.ts";
import type { Refusal } from "./driver-checks.ts";
import type { Build } from "./operation.ts";
import { platformCount, severalPlatforms } from "./platform-count.ts";
import { knownItems, shownText } from "./text.ts";

/** What the builders that are not Buildx's make of a request that they cannot fulfil. */
export function toolRefusals(build: Build, resolved: ResolvedBuilder): readonly Refusal[] {
  return resolved.driver === "buildah" ? oneImageOfSeveral(build, resolved) : [...legacyFlag(build, resolved), ...legacyPlatforms(build, resolved)];
}

/** Podman and buildah build every platform and give the name to each in turn: the last one keeps it. */
function oneImageOfSeveral(build: Build, resolved: ResolvedBuilder): readonly Refusal[] {
  const several = severalPlatforms(build.platforms);
  const named = build.tags.items.length > 0;
  if (several === false || !named || build.manifest !== undefined) return [];
  const { least } = platformCount(build.platforms);
  const sentence = `the build asks for ${several === true ? `${least} platforms` : "platforms that may be several"} under one name, and for no manifest list`;
  return [
    {
      feature: "one-image-of-several-platforms",
      log: { tool: build.through, lines: [] },
      exitStatus: 0,
      certain: resolved.certain && several === true,
      atoms: atomsOf(build.platforms.items),
      facts: [{ sentence, place: build.platforms.place ?? build.place }],
    },
  ];
}

/** Flags that only Buildx knows. */
function legacyFlag(build: Build, resolved: ResolvedBuilder): readonly Refusal[] {
  const flags: (readonly [flag: string, given: boolean | undefined])[] = [
    ["--push", build.push.value],
    ["--load", build.load.value],
    ["--cache-to", build.cacheTo.items.length > 0],
    ["--provenance", build.provenance !== undefined],
    ["--sbom", build.sbom !== undefined],
    ["--attest", build.attests.items.length > 0],
    ["--annotation", build.annotations.items.length > 0],
    ["--build-context", build.buildContexts.items.length > 0],
    ["--allow", build.allow.items.length > 0],
    ["--builder", build.builder !== undefined],
  ];
  const given = flags.filter(([, value]) => value === true);
  const [first] = given;
  if (first === undefined) return [];
  return [
    {
      feature: "legacy-flag",
      log: { tool: build.through, lines: [...LEGACY_WARNING, legacyFlagLine(first[0])] },
      exitStatus: 125,
      certain: resolved.certain && given.length === 1,
      atoms: [],
      facts: [{ sentence: `the classic builder has no flag ${first[0]}`, place: build.place }],
    },
  ];
}

function legacyPlatforms(build: Build, resolved: ResolvedBuilder): readonly Refusal[] {
  const several = severalPlatforms(build.platforms);
  if (several === false) return [];
  const platforms = knownItems(build.platforms).join(",");
  const component = platforms.split("/").find((part) => part.includes(",")) ?? platforms;
  // Of a flag that is given several times the last one counts; we cannot tell that from a list.
  const { items } = build.platforms;
  const oneFlag = items.every((item) => item.place.span.start === items[0]?.place.span.start);
  return [
    {
      feature: "legacy-platforms",
      log: { tool: build.through, lines: [...LEGACY_WARNING, legacyPlatformsLine(component, platforms)] },
      exitStatus: 1,
      certain: resolved.certain && several === true && oneFlag,
      atoms: atomsOf(items),
      facts: [
        {
          sentence: `the classic builder takes one platform, and the build asks for "${items.map(shownText).join(",")}"`,
          place: build.platforms.place ?? build.place,
        },
      ],
    },
  ];
}
