import { type Circumstances, first, isAction, platformsAsked, says, speaks, type Telling, used, type Verdict } from "../circumstances.ts";

const BUILDX = "docker/setup-buildx-action";
const DOCKER = "docker/setup-docker-action";

const TELLINGS: Readonly<Record<string, Telling>> = {
  "docker-driver-multi-platform": { apart: "no step of the job sets up a builder", weigh: plainDriver },
  "docker-driver-cache-export": { apart: "no step of the job sets up a builder", weigh: plainDriver },
  "docker-driver-attestation": {
    apart: "the builder's driver is docker",
    weigh: (at) => (isGoreleaser(at) ? "excluded" : plainDriver(at)),
  },
  "setup-docker-resets-builder": {
    apart: `a step of ${DOCKER} runs before the build, and none of ${BUILDX} after it`,
    weigh: (at) => {
      const [daemon] = used(at, DOCKER);
      if (daemon === undefined) return absent(at);
      return used(at, BUILDX).length > 0 ? "excluded" : speaks(`"${daemon.uses}" (${first(daemon)}) made a new daemon whose builder has the docker driver`, 4);
    },
  },
  "setup-buildx-before-setup-docker": {
    apart: `${BUILDX} runs before ${DOCKER} or another change of the Docker context`,
    weigh: (at) => {
      const [builder] = used(at, BUILDX);
      const daemon = used(at, DOCKER).at(-1);
      if (builder === undefined) return at.isWhole ? "excluded" : undefined;
      if (daemon === undefined) return undefined;
      return builder.line < daemon.line ? speaks(`"${builder.uses}" (${first(builder)}) ran before "${daemon.uses}" (${first(daemon)})`, 5) : "excluded";
    },
  },
  "setup-buildx-after-build": { apart: `the step of ${BUILDX} stands behind the build`, weigh: notYetRun },
  "setup-buildx-if-mismatch": { apart: `the step of ${BUILDX} has an \`if:\` that the build has not`, weigh: notYetRun },
  "setup-buildx-other-job": {
    apart: `${BUILDX} stands in another job`,
    weigh: (at) => {
      if (used(at, BUILDX).length > 0) return "excluded";
      const other = at.elsewhere.find((step) => isAction(step, BUILDX));
      return other === undefined ? undefined : speaks(`"${other.uses}" ran in another job (${first(other)})`, 3);
    },
  },
  "driver-docker-explicit": {
    apart: `${BUILDX} is given \`driver: docker\``,
    weigh: (at) => {
      const set = used(at, BUILDX);
      const explicit = set.find((step) => step.with.driver === "docker");
      if (explicit !== undefined) return speaks(`"${explicit.uses}" (${first(explicit)}) was given \`driver: docker\``, 5);
      return set.length > 0 || at.isWhole ? "excluded" : undefined;
    },
  },
  "use-false-no-builder-input": {
    apart: `${BUILDX} is given \`use: false\` and the build no \`builder\``,
    weigh: (at) => {
      const set = used(at, BUILDX);
      const unused = set.find((step) => step.with.use === "false");
      if (unused !== undefined && at.failing?.with.builder === undefined) return speaks(`"${unused.uses}" (${first(unused)}) was given \`use: false\``, 5);
      return set.length > 0 || at.isWhole ? "excluded" : undefined;
    },
  },
  "docker-build-ignores-builder": {
    apart: "the script calls `docker build` rather than `docker buildx build`",
    weigh: (at) => {
      if (at.failing?.uses !== undefined) return "excluded";
      if (!/\bdocker\s+(?:image\s+)?(?:build|bake)\b/.test(at.script ?? "")) return at.script === undefined ? undefined : "excluded";
      return used(at, BUILDX).length > 0 ? speaks("the script calls `docker build`, which does not use the builder that was set up", 5) : absent(at);
    },
  },
  "setup-buildx-v4-install-removed": {
    apart: `${BUILDX} of v4 or later is given \`install\``,
    weigh: (at) => {
      if (says(at, "Unexpected input")) return speaks("GitHub warns that `install` is no input of the action", 3);
      if (at.noticed.has("setup-buildx-v4-install-removed")) return speaks("GitHub warned that `install` is no input of the action", 5);
      return used(at, BUILDX).some((step) => step.with.install === "true") ? undefined : used(at, BUILDX).length > 0 || at.isWhole ? "excluded" : undefined;
    },
  },
  "goreleaser-default-builder": {
    apart: "GoReleaser calls Buildx",
    weigh: (at) => (isGoreleaser(at) ? speaks("GoReleaser made the build", 5) : at.failing === undefined ? undefined : "excluded"),
  },
  "compose-platforms": {
    apart: "`docker compose build` makes the build",
    weigh: (at) =>
      /\bcompose\b/.test(at.script ?? "")
        ? speaks("the script calls Compose", 4)
        : at.failing === undefined && at.log.forms.length === 0
          ? undefined
          : "excluded",
  },
  "gitlab-dind-no-binfmt": {
    apart: "the job runs in GitLab with Docker in Docker",
    weigh: (at) => (at.log.forms.includes("gitlab") ? speaks("the log is of a GitLab runner", 4) : isGitHub(at) ? "excluded" : undefined),
  },
  "release-differs-from-ci": { apart: "another workflow builds the same image with a builder", weigh: () => "excluded" },
  "annotation-shows-last-line-only": { apart: "the lines above the annotation tell the error", weigh: () => "excluded" },
  "kubernetes-driver-node-name": {
    apart: "the builder's driver is kubernetes",
    weigh: (at) => (at.log.driver === "kubernetes" ? speaks("the builder's driver is kubernetes", 4) : at.log.driver === undefined ? undefined : "excluded"),
  },
  "load-multi-platform": {
    apart: "the build asks for several platforms",
    weigh: (at) => {
      if (isDevcontainer(at)) return "excluded";
      const platforms = platformsAsked(at);
      if (platforms === undefined) return undefined;
      return platforms.length > 1 ? speaks(`${platforms.length} platforms are asked for`, 5) : "excluded";
    },
  },
  "load-and-explicit-provenance": {
    apart: "one platform is built, with provenance or an SBOM asked for",
    weigh: (at) => {
      const platforms = platformsAsked(at);
      if ((platforms?.length ?? 0) > 1 || isDevcontainer(at)) return "excluded";
      const asked = ["provenance", "sbom", "attests"].find((name) => !["", "false", undefined].includes(at.failing?.with[name]));
      return asked === undefined ? undefined : speaks(`\`${asked}\` is given`, 4);
    },
  },
  "devcontainer-multi-platform-load": {
    apart: "the devcontainers CLI makes the build",
    weigh: (at) => (isDevcontainer(at) ? speaks("the devcontainers CLI made the build", 5) : at.failing === undefined ? undefined : "excluded"),
  },
  "buildx-tls-env": { apart: "DOCKER_HOST and its certificates are set in the environment of the job", weigh: () => speaks("the text is Buildx's own", 1) },
  "azure-tls-arc-context": { apart: "the runner is one of the actions-runner-controller, which sets DOCKER_HOST itself", weigh: () => undefined },
};

const isGitHub = (at: Circumstances): boolean => at.log.forms.includes("github") || at.log.forms.includes("gh");
const isGoreleaser = (at: Circumstances): boolean =>
  isAction(at.failing, "goreleaser/goreleaser-action") ||
  /\bgoreleaser\b/.test(at.script ?? "") ||
  (at.failing === undefined && at.log.forms.includes("goreleaser"));
const isDevcontainer = (at: Circumstances): boolean => isAction(at.failing, "devcontainers/ci") || /\bdevcontainer\s+build\b/.test(at.script ?? "");

/** What was not seen in a whole log is not the cause; in a part of one it may be. */
const absent = (at: Circumstances): Verdict => (at.isWhole ? "excluded" : undefined);

function plainDriver(at: Circumstances): Verdict {
  if (used(at, BUILDX).length > 0 || at.log.forms.includes("gitlab")) return "excluded";
  if (used(at, DOCKER).length > 0) return undefined;
  if (at.downloaded.has(BUILDX)) return undefined;
  return at.isWhole ? speaks("no step before it set up a builder", 3) : speaks("no step that sets up a builder is in the log", 1);
}

function notYetRun(at: Circumstances): Verdict {
  if (used(at, BUILDX).length > 0) return "excluded";
  if (at.downloaded.has(BUILDX)) return speaks(`GitHub downloaded ${BUILDX} for the job, and it had not run`, 3);
  return absent(at);
}

/** Those that only actions of GitHub bring about. */
const OF_ACTIONS = /^setup-|^driver-docker-explicit$|^use-false-/;

/** Causes why a build found no builder with the features that it needs. */
export const BUILDER_CAUSES: Readonly<Record<string, Telling>> = Object.fromEntries(
  Object.entries(TELLINGS).map(([id, { apart, weigh }]) => [
    id,
    { apart, weigh: (at: Circumstances): Verdict => (OF_ACTIONS.test(id) && at.log.forms.includes("gitlab") ? "excluded" : weigh(at)) },
  ]),
);
