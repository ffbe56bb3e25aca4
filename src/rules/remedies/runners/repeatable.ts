import type { Step } from "../../../workflow/model.ts";
import { actionOf } from "./step-words.ts";

/**
 * Actions that may run on several machines of one run: they prepare the machine, or tell something, and leave nothing behind elsewhere.
 * A name that ends in `*` stands for all that begin so.
 */
const ACTIONS: readonly string[] = [
  ..."actions/checkout actions/setup-* actions/cache* actions/download-artifact actions/create-github-app-token".split(" "),
  ..."docker/setup-* docker/login-action docker/metadata-action crazy-max/ghaction-github-runtime crazy-max/ghaction-setup-docker".split(" "),
  ..."crazy-max/ghaction-docker-meta docker-practice/actions-setup-docker".split(" "),
  ..."aws-actions/configure-aws-credentials aws-actions/amazon-ecr-login google-github-actions/auth google-github-actions/setup-gcloud".split(" "),
  ..."google-github-actions/get-secretmanager-secrets azure/login azure/docker-login redhat-actions/podman-login hashicorp/vault-action".split(" "),
  ..."1password/load-secrets-action webfactory/ssh-agent step-security/harden-runner sigstore/cosign-installer anchore/sbom-action/download-syft".split(" "),
  ..."pnpm/action-setup astral-sh/setup-uv astral-sh/setup-ruff dtolnay/rust-toolchain actions-rs/toolchain actions-rust-lang/setup-rust-toolchain".split(" "),
  ..."swatinem/rust-cache gradle/actions/setup-gradle gradle/wrapper-validation-action graalvm/setup-graalvm oven-sh/setup-bun denoland/setup-deno".split(" "),
  ..."ruby/setup-ruby shivammathur/setup-php erlef/setup-beam jdx/mise-action jlumbroso/free-disk-space easimon/maximize-build-space".split(" "),
  ..."endersonmenezes/free-disk-space insightsengineering/disk-space-reclaimer rlespinasse/github-slug-action dawidd6/action-get-tag".split(" "),
  ..."franzdiebold/github-env-vars-action tj-actions/changed-files dorny/paths-filter hmarr/debug-action arduino/setup-task extractions/setup-just".split(" "),
  ..."mikefarah/yq paulhatch/semantic-version aszc/change-string-case-action frabert/replace-string-action booxmedialtd/ws-action-parse-semver".split(" "),
  ..."madhead/semver-utils battila7/get-version-action gittools/actions/* nrwl/nx-set-shas regclient/actions/regctl-installer".split(" "),
];

/** Commands that change something elsewhere, and would do so once for each platform. */
const PUBLISHES = new RegExp(
  [
    String.raw`\bgit\s+(?:-\S+\s+)*(?:push|commit|tag\s+-?[a\w])`,
    String.raw`\bgh\s+(?:release|pr|issue|workflow|run|api|repo|variable|secret)\b`,
    String.raw`\b(?:npm|pnpm|yarn|cargo|poetry|flit|hatch|uv)\s+publish\b|\btwine\s+upload\b|\bgem\s+push\b|\bdotnet\s+nuget\s+push\b|\bhelm\s+(?:push|upgrade|install)\b`,
    String.raw`\b(?:goreleaser|semantic-release|release-it|kubectl|terraform|pulumi|ansible-playbook|flyctl|vercel|netlify|wrangler)\b`,
    String.raw`\bcurl\b[^\n]*(?:-X\s*(?:POST|PUT|PATCH|DELETE)|--request\s+(?:POST|PUT|PATCH|DELETE)|\s-d\s|--data)`,
    String.raw`\baws\s+(?!ecr|sts|configure|codeartifact)\w|\bgsutil\s+(?:cp|rsync|rm)\b|\baz\s+(?!acr\s+login|account|login)\w|\bgcloud\s+(?!auth|config)\w`,
    String.raw`\b(?:mvn|mvnw|gradle|gradlew)\b[^\n]*\b(?:deploy|publish|release)\b|\bmake\s+(?:\S+\s+)*(?:push|publish|release|deploy)\b`,
    String.raw`\b(?:docker|podman|skopeo|crane|oras|cosign)\b[^\n]*\b(?:push|copy|sign|attest|imagetools\s+create)\b|\bssh\s|\bscp\s|\brsync\s`,
  ].join("|"),
  "i",
);

/** Why a step may not run once for each platform; undefined where it may. */
export function notRepeatable(step: Step): string | undefined {
  if (step.run !== undefined) return PUBLISHES.test(step.run.text) ? "changes something outside of the job" : undefined;
  const action = actionOf(step);
  if (action === undefined) return "is an action of this repository or an image, and nobody knows whether it may run once for each platform";
  const known = ACTIONS.some((name) => (name.endsWith("*") ? action.startsWith(name.slice(0, -1)) : action === name));
  return known ? undefined : "is an action of which nobody knows whether it may run once for each platform";
}
