import { formatPlatform } from "../../core/platform.ts";
import type { Annotation } from "../engine.ts";
import { csvFields, csvLine } from "../output/csv.ts";
import type { BuildkitBuilder, BuildkitRequest } from "./request.ts";

/**
 * Everything behind `docker buildx build`. Values stand as the user gave them, each an argument of its own; no name of an image is among them.
 * @param output  the value of `--output`: {@link archiveOutput}, {@link pushOutput}
 */
export function buildkitArguments(request: BuildkitRequest, builder: BuildkitBuilder, output: string): readonly string[] {
  return [
    ...one("builder", builder.name),
    ...["--progress", "rawjson", "--output", output],
    ...one("platform", request.platforms.length === 0 ? undefined : request.platforms.map(formatPlatform).join(",")),
    ...one("file", request.file),
    ...one("target", request.target),
    ...each("build-arg", request.buildArgs),
    ...each("build-context", request.buildContexts),
    ...each("label", request.labels),
    ...each("annotation", request.packing.annotations.map(annotationValue)),
    ...each("secret", request.secrets),
    ...each("ssh", request.ssh),
    ...each("allow", request.allow),
    ...each("add-host", request.addHosts),
    ...one("shm-size", request.shmSize),
    ...each("ulimit", request.ulimits),
    ...one("network", request.network),
    ...(request.noCache ? ["--no-cache"] : []),
    ...each("no-cache-filter", request.noCacheFilter),
    ...(request.pull ? ["--pull"] : []),
    ...each("cache-from", request.cacheFrom),
    ...each("cache-to", request.cacheTo),
    ...attestations(request),
    // Behind `--` a context named like a flag is a context; `-` alone is stdin.
    ...["--", request.context],
  ];
}

/** `--output` for an OCI archive on stdout. */
export const archiveOutput = (request: BuildkitRequest): string => csvLine(["type=oci", "dest=-", ...packing(request)]);

/** What the builder itself pushes. */
export interface PushTarget {
  /** `REGISTRY/REPOSITORY[:TAG]`; without tags when it is pushed by digest. */
  readonly names: readonly string[];
  /** The registry may be reached by http or with a certificate nobody vouches for. */
  readonly insecure: boolean;
  /** No tag is written: the digest that comes back is its name. */
  readonly byDigest: boolean;
}

/** `--output` for an image that the builder pushes. */
export const pushOutput = (request: BuildkitRequest, { names, insecure, byDigest }: PushTarget): string =>
  csvLine([
    "type=image",
    `name=${names.join(",")}`,
    "push=true",
    ...(byDigest ? ["push-by-digest=true", "name-canonical=true"] : []),
    ...(insecure ? ["registry.insecure=true"] : []),
    // The archive's exporter makes OCI's media types in every BuildKit, this one only since 0.31.
    ...(request.packing.ociMediaTypes ? ["oci-mediatypes=true"] : []),
    ...packing(request),
  ]);

function packing(request: BuildkitRequest): readonly string[] {
  const { layers, ociMediaTypes } = request.packing;
  return [
    ...(layers.compression === "gzip" ? [] : [`compression=${layers.compression}`]),
    ...(layers.level === undefined ? [] : [`compression-level=${layers.level}`]),
    ...(layers.force ? ["force-compression=true"] : []),
    ...(ociMediaTypes ? [] : ["oci-mediatypes=false"]),
    // The embedded engine sets later times to the epoch always; the same image is wanted from both.
    ...(hasEpoch(request) ? ["rewrite-timestamp=true"] : []),
  ];
}

/** SOURCE_DATE_EPOCH, of which an argument goes over the environment; an argument without a value is taken from there. */
function hasEpoch({ buildArgs, env }: BuildkitRequest): boolean {
  const argument = buildArgs.findLast((arg) => arg === EPOCH || arg.startsWith(`${EPOCH}=`));
  const value = argument === undefined || argument === EPOCH ? env[EPOCH] : argument.slice(EPOCH.length + 1);
  return value !== undefined && value !== "";
}

const EPOCH = "SOURCE_DATE_EPOCH";

/** Buildx would make a provenance by itself, and what is made unasked differs from run to run. */
function attestations({ provenance, sbom, attest }: BuildkitRequest): readonly string[] {
  const asks = (type: string): boolean => attest.some((value) => csvFields(value)?.some((field) => field.trim() === `type=${type}`) === true);
  return [
    ...each("attest", attest),
    ...one("provenance", provenance ?? (asks("provenance") ? undefined : "false")),
    ...one("sbom", sbom ?? (asks("sbom") ? undefined : "false")),
  ];
}

function annotationValue({ at, platform, key, value }: Annotation): string {
  return `${at}${platform === undefined ? "" : `[${formatPlatform(platform)}]`}:${key}=${value}`;
}

const one = (flag: string, value: string | undefined): readonly string[] => (value === undefined ? [] : [`--${flag}`, value]);
const each = (flag: string, values: readonly string[]): readonly string[] => values.flatMap((value) => [`--${flag}`, value]);
