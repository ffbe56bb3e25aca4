import type { HeardBuild } from "./raw-progress.ts";

/** What the catalogue knows of a failure. */
export interface Advice {
  /** Its id there; undefined when it is not known, or not surely. */
  readonly failure: string | undefined;
  /** Its best remedy for somebody who builds here, rather than in a workflow. */
  readonly remedy: string | undefined;
}

/** Failures of the catalogue that are those of any build; the others are of workflows, or of tools around BuildKit. */
const OF_ANY_BUILD: ReadonlySet<string> = new Set([
  "docker-driver-multi-platform",
  "docker-driver-cache-export",
  "docker-driver-attestation",
  "docker-driver-oci-exporter",
  "docker-driver-push-by-digest",
  "load-multi-platform",
  "load-and-explicit-provenance",
  "push-by-digest-with-tag",
  "multiple-outputs-old-buildkit",
  "index-annotations-single-platform",
  "multi-node-local-output",
  "docker29-min-api",
  "userns-remap-containerd",
  "qemu-missing-docker-driver",
  "binfmt-missing-f-flag",
  "qemu-segfault",
  "qemu-illegal-instruction-node",
  "qemu-cargo-oom",
  "hardcoded-arch-url",
  "copy-host-built-binary",
  "copy-arch-file-missing",
  "base-image-missing-platform",
  "digest-pin-single-arch",
  "python-no-wheel-arm",
  "local-registry-network-host",
  "insecure-http-registry",
  "login-missing-or-late",
  "rate-limit-base-images",
  "quay-unauthorized",
  "registry-rejects-attestation",
  "oci-artifact-subject-rejected",
  "registry-cache-unsupported",
  "tag-immutable",
  "push-transient",
  "uppercase-repository",
  "self-hosted-no-cleanup-disk",
]);

/** Remedies that change a workflow. */
const FOR_WORKFLOWS =
  /-action\b|\buses:|\bworkflow|\bjobs?\b|runner|\$\{\{|GITHUB_|timeout-minutes|\bpermissions:|driver-opts|buildkitd-config|metadata|\bbake\b/i;

/** Looks up what BuildKit and the programs said. The catalogue is read only now: most builds go well. */
export async function adviceFor({ failed, words }: Pick<HeardBuild, "failed" | "words">): Promise<Advice> {
  const { explainLog } = await import("../../explain/explain-log.ts");
  const told = failed === undefined ? [] : [`#1 ${failed.name}`, ...failed.lines.map((line) => `#1 0.0 ${line}`), `#1 ERROR: ${failed.error}`];
  const { failures } = await explainLog([[...told, ...words, ""].join("\n")]);
  const causes = failures.flatMap((failure) => failure.causes).filter(({ id }) => OF_ANY_BUILD.has(id));
  const [cause, ...others] = causes;
  if (cause === undefined || (cause.confidence === "possible" && others.length > 0)) return { failure: undefined, remedy: undefined };
  const remedy = cause.remedies.find((text) => !FOR_WORKFLOWS.test(text));
  return { failure: cause.id, remedy: remedy?.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()) };
}
