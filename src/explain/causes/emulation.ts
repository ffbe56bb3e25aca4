import { type Circumstances, captured, platformsAsked, says, speaks, type Telling, used, type Verdict } from "../circumstances.ts";

const QEMU = "docker/setup-qemu-action";
const RARE = /\/(?:riscv64|loong64|mips\w*)/;

/** Causes why a program was not one that the machine can run. */
export const EMULATION_CAUSES: Readonly<Record<string, Telling>> = {
  "qemu-missing-docker-driver": {
    apart: "a RUN step for a foreign platform, and no emulator set up",
    weigh: (at) => {
      if (at.inBuild === false || at.crosses || used(at, QEMU).length > 0 || !runsShell(at)) return "excluded";
      if (at.inBuild === undefined) return undefined;
      return at.isWhole ? speaks(`no step before it used ${QEMU}`, 4) : speaks(`no step of ${QEMU} is in the log`, 2);
    },
  },
  "qemu-missing-docker-run": {
    apart: "a container of a foreign platform is started, and no emulator is set up",
    weigh: (at) => {
      if (at.inBuild === true || used(at, QEMU).length > 0) return "excluded";
      if (says(at, "requested image's platform")) return speaks("Docker warned that the image is of another platform than the machine", 5);
      return /\bdocker\s+(?:run|compose)\b/.test(at.script ?? "") ? speaks("the script starts a container", 2) : undefined;
    },
  },
  "riscv64-unsupported": {
    apart: "the platform is riscv64, loong64 or mips",
    weigh: (at) => {
      const platforms = at.where.platform === undefined ? platformsAsked(at) : [at.where.platform];
      if (platforms === undefined || platforms.length === 0) return at.isWhole || at.failing !== undefined ? "excluded" : undefined;
      return platforms.some((platform) => RARE.test(platform)) ? speaks(`"${platforms.find((platform) => RARE.test(platform))}" is asked for`, 5) : "excluded";
    },
  },
  "arm-v7-on-arm64-host": {
    apart: "32-bit arm is built on an arm64 machine",
    weigh: (at) => (/^linux\/arm(?:\/v[67])?$/.test(at.where.platform ?? "linux/arm") ? onArm(at, 5) : "excluded"),
  },
  "hardcoded-goarch": {
    apart: "the program was compiled for one architecture, whatever the platform",
    weigh: (at) => {
      const programs = captured(at, "program").filter((program) => !program.endsWith("sh"));
      if (programs.length === 0) return "excluded";
      return speaks(`"${programs[0]}" itself is of another architecture`, at.inBuild === true ? 2 : 3);
    },
  },
  "hardcoded-arch-url": {
    apart: "a download of one architecture, whatever the platform",
    weigh: (at) => (at.inBuild === true ? speaks("a program was run that is of another architecture than the platform", 3) : undefined),
  },
  "buildplatform-in-final-stage": { apart: "the last stage is FROM --platform=$BUILDPLATFORM", weigh: atRunTime },
  "copy-host-built-binary": { apart: "the Dockerfile copies a program that the runner compiled", weigh: atRunTime },
  "index-lies-about-arch": { apart: "`multihull verify` tells the architecture of each program in the image", weigh: atRunTime },
  "arm-runner-wrong-native": {
    apart: "the runner is an Arm machine, and what is run is not for Arm",
    weigh: (at) => (at.inBuild === true ? "excluded" : onArm(at, 3)),
  },
  "cache-mount-cross-platform": {
    apart: "the RUN step mounts a cache that platforms share",
    weigh: ({ where: { instruction } }) => {
      if (instruction === undefined) return undefined;
      return /--mount=\S*type=cache/.test(instruction) ? speaks("the RUN step mounts a cache", 4) : "excluded";
    },
  },
  "kaniko-multi-arch": {
    apart: "kaniko makes the build",
    weigh: (at) => (/kaniko/.test(`${at.script ?? ""}${at.failing?.uses ?? ""}`) ? speaks("kaniko made the build", 5) : "excluded"),
  },
  "arm-v7-variant": {
    apart: "the program is for a newer arm than the platform",
    weigh: (at) => {
      if (says(at, "uncaught target signal 4")) return "excluded";
      return /^linux\/arm(?:\/|$)/.test(at.where.platform ?? "") ? speaks(`it failed for "${at.where.platform}"`, 3) : undefined;
    },
  },
  "qemu-illegal-instruction-node": {
    apart: "Node runs under QEMU",
    weigh: (at) =>
      says(at, "uncaught target signal 4")
        ? speaks("QEMU itself says so", 4)
        : /\b(?:npm|yarn|pnpm|node)\b/.test(at.where.instruction ?? "")
          ? speaks("the RUN step starts Node", 3)
          : undefined,
  },
  "qemu-hang-32bit-s390x": {
    apart: "the build is for arm/v6, arm/v7 or s390x, and hangs in npm, pnpm or yarn",
    weigh: (at) => {
      const hit = platformsAsked(at)?.find((platform) => /arm\/v[67]|s390x/.test(platform));
      return hit === undefined ? (platformsAsked(at) === undefined ? undefined : "excluded") : speaks(`"${hit}" is asked for`, 3);
    },
  },
  "timeout-missing": {
    apart: "the job has no `timeout-minutes`",
    weigh: (at) => (says(at, "has exceeded the maximum") ? speaks("the job ran into GitHub's own limit", 2) : undefined),
  },
  "qemu-cargo-oom": {
    apart: "Cargo reads its index under emulation",
    weigh: (at) => (says(at, "Updating {index} index") ? speaks("Cargo was reading its index", 4) : "excluded"),
  },
  "binfmt-missing-f-flag": {
    apart: "the emulator was registered without the flag F",
    weigh: (at) => (at.inBuild === false && !says(at, "-F") ? "excluded" : undefined),
  },
};

function onArm({ log: { runnerImage } }: Circumstances, weight: number): Verdict {
  if (runnerImage === undefined) return undefined;
  return /arm/.test(runnerImage) ? speaks(`the runner is "${runnerImage}"`, weight) : "excluded";
}

const runsShell = (at: Circumstances): boolean => says(at, "sh: exec format error") || captured(at, "program").every((program) => program.endsWith("sh"));

function atRunTime(at: Circumstances): Verdict {
  if (at.inBuild === true) return "excluded";
  return captured(at, "program").some((program) => !program.endsWith("sh")) ? speaks("the image was built, and its program does not run", 1) : undefined;
}
