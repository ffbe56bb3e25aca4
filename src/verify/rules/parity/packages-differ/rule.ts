import { byCodeUnit } from "../../../../core/order.ts";
import { countText } from "../../../../core/quantity.ts";
import { isArchitecturePackage, withoutArchitecture } from "../../../../facts/architecture-words.ts";
import type { PackageList } from "../../../packages/packages.ts";
import { packagesOf } from "../../../packages/packages.ts";
import { plainVersion, upstreamOf } from "../../../packages/versions.ts";
import { defineImageRule, type ImageReporter } from "../../../rule.ts";
import type { PlatformImage } from "../../../subject.ts";
import { firstFacts, list, quote, shownPlatforms } from "../../shown.ts";
import { fileCohortsOf } from "../cohorts.ts";
import { grouped } from "../grouped.ts";
import { sharesOf, shownShares } from "../shares.ts";

export const rule = defineImageRule({
  meta: {
    id: "packages-differ",
    summary: "packages are installed in other versions on some platforms, or not at all",
    severity: "warning",
    confidence: "likely",
  },
  image(subject, report) {
    for (const cohort of fileCohortsOf(subject)) {
      const listed = cohort.filter((image) => packagesOf(image) !== undefined);
      for (const images of grouped(listed, (image) => (packagesOf(image) as PackageList).manager)) {
        if (images.length < 2) continue;
        tellVersions(images, report);
        tellMissing(wholeLists(images), report);
      }
    }
  },
});

/** A list of less than half as many is not that of all packages: files were put there without the manager, or its list was cut down. */
function wholeLists(images: readonly PlatformImage[]): readonly PlatformImage[] {
  const sizes = new Map(images.map((image) => [image, packagesOf(image)?.packages.size ?? 0]));
  const most = Math.max(...sizes.values());
  return images.filter((image) => (sizes.get(image) ?? 0) * 2 >= most);
}

const namesOf = (images: readonly PlatformImage[]): readonly string[] =>
  [...new Set(images.flatMap((image) => [...(packagesOf(image)?.packages.keys() ?? [])]))].sort(byCodeUnit);

const versionOf = (image: PlatformImage, name: string): string | undefined => packagesOf(image)?.packages.get(name)?.version;

function tellVersions(images: readonly PlatformImage[], report: ImageReporter): void {
  const skewed = namesOf(images).flatMap((name) => {
    const having = images.filter((image) => versionOf(image, name) !== undefined);
    const shares = sharesOf(having, (image) => versionOf(image, name) as string, plainVersion);
    if (shares.length < 2 || withoutArchitecture(name) !== name) return [];
    return [{ name, shares, upstream: new Set(shares.map(({ value }) => upstreamOf(value))).size > 1 }];
  });
  if (skewed.length === 0) return;
  const worst = [...skewed.filter(({ upstream }) => upstream), ...skewed.filter(({ upstream }) => !upstream)];
  report({
    severity: worst[0]?.upstream ? "warning" : "info",
    message: `${countText(worst.length, "package")} ${worst.length === 1 ? "is" : "are"} installed in other versions on some platforms: ${list(worst.map(({ name }) => quote(name)))}`,
    facts: firstFacts(worst, "package", ({ name, shares }) => `${quote(name)} is ${shownShares(shares, quote)}`),
    cause:
      "platforms were built at other times, from a cache or from mirrors of other days: what is mended in one version still is a bug, or a hole, on the platform that has the other",
    remedies: ["build all platforms again at one time without the cache (--no-cache, --pull)", "name versions, or install from a snapshot of the distribution"],
  });
}

function tellMissing(images: readonly PlatformImage[], report: ImageReporter): void {
  const neutral = new Map(images.map((image) => [image, new Set([...(packagesOf(image)?.packages.keys() ?? [])].map(withoutArchitecture))]));
  const missing = namesOf(images).flatMap((name) => {
    const having = images.filter((image) => neutral.get(image)?.has(withoutArchitecture(name)));
    const asked = having.map((image) => packagesOf(image)?.asked(name));
    // Dependencies are others on each architecture, and names that begin with a dot are those of apk's --virtual.
    if (having.length === images.length || isArchitecturePackage(name) || name.startsWith(".") || asked.every((one) => one === false)) return [];
    const without = images.filter((image) => !having.includes(image));
    return [{ name, having, without, wanted: asked.includes(true) && having.length * 2 >= images.length }];
  });
  for (const wanted of [true, false]) {
    const told = missing.filter((one) => one.wanted === wanted);
    if (told.length === 0) continue;
    report({
      severity: wanted ? "warning" : "info",
      message: `${countText(told.length, "package")} ${told.length === 1 ? "is" : "are"} not installed on every platform: ${list(told.map(({ name }) => quote(name)))}`,
      facts: firstFacts(
        told,
        "package",
        ({ name, having, without }) => `${quote(name)} is installed on ${shownPlatforms(having)}, not on ${shownPlatforms(without)}`,
      ),
      cause:
        "a step installs it on some platforms only, or its failure was passed over where the distribution has no such package; or platforms of two builds were put together",
      remedies: ["install the same packages on all platforms, and let the step fail where one is not to be had", "build all platforms again in one build"],
    });
  }
}
