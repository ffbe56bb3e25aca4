import { type Circumstances, captured, first, isAction, says, speaks, type Telling, used, type Verdict } from "../circumstances.ts";

const LOGIN = "docker/login-action";

/** Causes why a registry refused, or did not have what was asked for. */
export const REGISTRY_CAUSES: Readonly<Record<string, Telling>> = {
  "login-missing-or-late": {
    apart: "no log-in to that registry ran before",
    weigh: (at) => {
      if (isMerge(at)) return "excluded";
      const logins = used(at, LOGIN);
      if (logins.length > 0) return speaks(`logged in only to ${logins.map((step) => `"${step.with.registry || "docker.io"}"`).join(", ")}`, 1);
      return at.isWhole ? speaks(`no step before it used ${LOGIN}`, 4) : undefined;
    },
  },
  "merge-job-no-login-or-buildx": {
    apart: "the job that merges the platforms has no log-in",
    weigh: (at) => (isMerge(at) ? speaks("the step merges manifests", 4) : at.failing === undefined && at.log.forms.length === 0 ? undefined : "excluded"),
  },
  "local-base-image-not-visible": {
    apart: "the image was built earlier in the job and is only in the Docker daemon",
    weigh: (at) => {
      if (says(at, "push access denied")) return "excluded";
      if (!/load metadata for|FROM/.test(at.where.instruction ?? "")) return at.where.instruction === undefined ? undefined : "excluded";
      const loaded = at.before.find((step) => step.with.load === "true");
      return loaded === undefined
        ? speaks("the base image of the build was refused", 2)
        : speaks(`an image was loaded into the daemon before (${first(loaded)})`, 4);
    },
  },
  "ghcr-packages-permission": {
    apart: "the job's token lacks `packages: write`",
    weigh: (at) => (isCacheExport(at) ? undefined : speaks("ghcr.io refused the token", 1)),
  },
  "fork-pr-cache-write": {
    apart: "the pull request comes from a fork, and the build writes its cache to a registry",
    weigh: (at) => (isCacheExport(at) ? speaks("it failed while the cache was written", 4) : "excluded"),
  },
  "fork-pr-no-secrets": { apart: "the event is a pull request of a fork, which gets no secrets", weigh: () => undefined },
  "rate-limit-base-images": {
    apart: "base images are pulled without log-in",
    weigh: (at) => (at.inBuild === true || says(at, "429") ? speaks("a base image was refused", 2) : undefined),
  },
  "mirror-ignored": {
    apart: "the daemon has a mirror that the builder does not know of",
    weigh: (at) => {
      const mirrored = at.before.find((step) => /registry-mirrors/.test(step.with["daemon-config"] ?? ""));
      return mirrored === undefined
        ? at.isWhole && used(at, "docker/setup-docker-action").length > 0
          ? "excluded"
          : undefined
        : speaks(`a mirror was set for the daemon (${first(mirrored)})`, 4);
    },
  },
  "push-transient": { apart: "the same push goes well when it is tried again", weigh: () => undefined },
  "base-image-missing-platform": {
    apart: "the base image has no such platform",
    weigh: (at) => (at.inBuild === true || at.where.instruction !== undefined ? speaks("a base image was looked up", 2) : undefined),
  },
  "platform-name-wrong": {
    apart: "the platform is one that nobody builds for: a misspelt name",
    weigh: (at) => {
      if (says(at, "unknown operating system")) return speaks("the name is refused as it stands", 5);
      const platform = at.where.platform;
      return platform === undefined ? undefined : KNOWN.test(platform) ? "excluded" : speaks(`"${platform}" is no known platform`, 5);
    },
  },
  "missing-platform-after-release": {
    apart: "a published image lacks the platform",
    weigh: (at) => (at.inBuild === true || at.where.instruction !== undefined ? "excluded" : speaks("an image was pulled, not built", 2)),
  },
  "digest-artifact-pattern-prefix": {
    apart: "the merging job downloads the digests of another image too",
    weigh: (at) =>
      at.before.some((step) => isAction(step, "actions/download-artifact") && "pattern" in step.with)
        ? speaks("digests were downloaded by a pattern", 2)
        : isMerge(at)
          ? undefined
          : "excluded",
  },
  "imagetools-create-name-mismatch": {
    apart: "the digests are of another repository than the one that is named",
    weigh: (at) => (isMerge(at) ? speaks("the step merges manifests", 1) : undefined),
  },
  "uppercase-repository": {
    apart: "the name has upper-case letters",
    weigh: (at) => (captured(at, "tag").some((tag) => /[A-Z]/.test(tag)) || says(at, "lowercase") ? speaks("the name has upper-case letters", 5) : undefined),
  },
  "platforms-list-vs-newline": {
    apart: "a list was given with the wrong separator",
    weigh: (at) => (says(at, "lowercase") ? "excluded" : undefined),
  },
  "copy-arch-file-missing": {
    apart: "the file is named for an architecture, and was not made for it",
    weigh: (at) =>
      captured(at, "path").some((path) => ARCHITECTURE.test(path))
        ? speaks(`"${captured(at, "path").find((path) => ARCHITECTURE.test(path))}" is a file for one architecture`, 4)
        : "excluded",
  },
  "git-context-ignores-checkout": {
    apart: "the build has no `context`, so that it reads the commit and not the runner's files",
    weigh: (at) => {
      if (at.failing?.uses === undefined) return at.failing === undefined ? undefined : "excluded";
      return isAction(at.failing, "docker/build-push-action") && at.failing.with.context === undefined
        ? speaks("the build was given no `context`", 3)
        : "excluded";
    },
  },
  "unknown-inputs": {
    apart: "the input is one that the action does not know",
    weigh: (at) => (/(?:^|[',\s])(?:driver|install|platform)(?:[',\s]|$)/.test(captured(at, "names").join(" ")) ? "excluded" : undefined),
  },
  "platform-key-typo": inputNamed("platform"),
  "driver-key-on-build-action": inputNamed("driver"),
  "insecure-http-registry": { apart: "the registry speaks plain HTTP or has a certificate that the builder does not know", weigh: () => undefined },
  "base-image-wrong-platform": { apart: "the base is named by a tag that is one platform's image and no index", weigh: () => undefined },
  "digest-pin-single-arch": {
    apart: "the base is pinned to the digest of one platform",
    weigh: (at) => (says(at, "was pulled with platform") ? undefined : "excluded"),
  },
  "podman-manifest-push-all": {
    apart: "the list was pushed without its images",
    weigh: (at) => (/\bmanifest\s+push\b|\bpodman\s+push\b/.test(at.script ?? "") ? speaks("the script pushes a list", 3) : undefined),
  },
  "podman-arch-missing": {
    apart: "the index lacks the machine's own platform",
    weigh: (at) => (says(at, "choosing an image") || /\bskopeo\b/.test(at.script ?? "") ? speaks("an image was chosen for this machine", 2) : undefined),
  },
};

const KNOWN = /^(?:linux|windows|darwin|freebsd)\/(?:386|amd64|arm|arm64|ppc64le|ppc64|s390x|riscv64|loong64|mips64le|mips64|mips|wasm)(?:\/|$)/;
const ARCHITECTURE = /amd64|x86_64|arm64|aarch64|armv[67]|arm\b|386|ppc64le|s390x|riscv64/;

const isMerge = (at: Circumstances): boolean => /\bimagetools\b|\bdocker\s+manifest\b|\bcrane\b|\bregctl\b/.test(at.script ?? "");
const isCacheExport = (at: Circumstances): boolean => /exporting cache/.test(at.where.instruction ?? "");

function inputNamed(name: string): Telling {
  return {
    apart: `the input is \`${name}\``,
    weigh: (at): Verdict => {
      if (!says(at, "Unexpected input")) return undefined;
      const around = at.hits.flatMap((hit) => hit.matches.filter(({ indexed }) => indexed.signature.text.includes(`}${name}{`)));
      return around.some(({ captures }) => /(?:^|[', ])$/.test(captures.before ?? "") && /^(?:[', ]|$)/.test(captures.after ?? ""))
        ? speaks(`\`${name}\` is refused`, 4)
        : "excluded";
    },
  };
}
