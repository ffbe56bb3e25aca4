// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles
import type { Span } from "../../../core/span.ts";
import type { Remedy } from "../../../findings/finding.ts";
import type { DockerfileUse } from "../../dockerfile-use.ts";
import { declareBefore } from "../../remedies/dockerfile-edits.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";
import { atMost, type BuiltStage, builtStages, wrongBuilds } from "../built-stages.ts";
import { runScript } from "../run-script.ts";
import { factOfBuild, shownPlatforms } from "../told-of-builds.ts";
import { type Download, downloadsOf } from "./downloads.ts";

export const rule = defineRule({
  meta: {
    id: "hard-coded-download",
    summary: "a program for one architecture is downloaded in a build for several platforms",
    severity: "error",
    confidence: "likely",
    fix: "sometimes",
    covers: ["hardcoded-arch-url"],
  },
  dockerfile(use, report) {
    for (const built of builtStages(use)) {
      const { stage, runsOn } = built.use;
      // What a stage on the builder's platform downloads runs there.
      if (runsOn !== "target" || /(?:amd64|arm64|x86|aarch64|arm)/.test(stage.name ?? "")) continue;
      for (const download of downloadsOf(use, stage)) {
        const wrong = wrongBuilds(built, (platform) => platform.architecture !== download.architecture);
        if (wrong === undefined) continue;
        const { file } = use.dockerfile;
        const inAddress = { file, span: download.instruction.span };
        report({
          message: messageOf(download, shownPlatforms(wrong.platforms) ?? "others"),
          place: { file, span: download.span },
          key: download.architecture,
          confidence: atMost(wrong.confidence, download.conditional ? "possible" : "likely"),
          facts: [...factOfBuild(wrong), ...(download.direct || download.apt ? [] : [{ sentence: "it is downloaded here", place: inAddress }])],
          cause:
            "this step runs once for each platform and fetches the same file each time, so that images of other platforms get a program that cannot be started there",
          remedies: remediesOf(download, built, use),
          traces: wrong.traces,
          among: wrong.among,
        });
      }
    }
  },
});

function messageOf({ address, architecture, apt }: Download, platforms: string): string {
  if (apt) return `apt finds only packages for ${architecture} in "${address.replace(/["']/g, "")}", also on ${platforms}`;
  return `"${nameOf(address)}" is downloaded for ${architecture} whatever the platform, also for ${platforms}`;
}

function remediesOf(download: Download, { use: { stage } }: BuiltStage, use: DockerfileUse): readonly Remedy[] {
  if (download.apt) return [advice("write [arch=$(dpkg --print-architecture)], or leave arch away", "the source must have packages for each platform")];
  const { file, globalArgs } = use.dockerfile;
  const hidden = globalArgs.some(({ args }) => args.some(({ name, value }) => name.text === "TARGETARCH" && value !== undefined));
  // Only Go's words are what TARGETARCH holds.
  const fits = download.direct && !hidden && !download.instruction.original.includes("'") && (download.word === "amd64" || download.word === "arm64");
  const mapped = advice("choose the file by TARGETARCH: `ARG TARGETARCH`, and a `case` from amd64 and arm64 to the words of the address", "none");
  if (!fits) return [mapped];
  const head = {
    title: "take the platform's: ARG TARGETARCH, and ${TARGETARCH} in the address",
    price: "there must be a file of that name for each platform",
    safety: "unsafe",
  } as const;
  const declared = declareBefore(use.dockerfile, stage, download.instruction, ["TARGETARCH"]);
  return [remedy(head, [...declared, ...everywhere(download).map((span) => replaceText({ file, span }, "${TARGETARCH}"))]), mapped];

  /** The file is unpacked, moved and removed by its name, too. */
  function everywhere({ instruction, span, word }: Download): readonly Span[] {
    if (instruction.kind !== "run") return [span];
    const { text, start } = runScript(use.dockerfile, instruction);
    return [...text.matchAll(new RegExp(`(?<![A-Za-z0-9])${word}(?![A-Za-z0-9])`, "g"))].map(({ index }) => ({
      start: start + index,
      end: start + index + word.length,
    }));
  }
}

const nameOf = (address: string): string =>
  address
    .replace(/[?#].*$/, "")
    .split("/")
    .findLast((part) => part !== "") ?? address;
