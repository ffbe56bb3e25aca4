import { formatPlatform, type Platform, platformFolder, samePlatform } from "../../core/platform.ts";
import { isProblem, ProblemError } from "../../core/problem.ts";
import type { BlobReader } from "../../image/blob-store.ts";
import type { Annotation, BuildResult } from "../engine.ts";
import { joinResults } from "./join-results.ts";
import type { BuildkitBuilder, BuildkitRequest } from "./request.ts";
import type { RunPorts } from "./run-buildx.ts";

/** What one node builds of an image. */
export interface Share {
  /** Of several nodes, or `--builder` and the like as a whole, whose failures are told as they are when it builds alone. */
  readonly kind: "node" | "builder";
  /** For people: `tcp://10.0.0.2:1234`, `node "arm" of builder "team"`. Each its own. */
  readonly node: string;
  /** What its steps are shown with: `10.0.0.2`, `arm`. Each its own. */
  readonly short: string;
  readonly platforms: readonly Platform[];
  /** Makes ready. @throws {ProblemError} `buildx-unavailable` | `node-failed` | `store-unusable` */
  readonly builder: (signal: AbortSignal | undefined) => Promise<BuildkitBuilder>;
  /**
   * Settles with what is wrong when the node cannot be reached, or no longer, though its connection says nothing; not otherwise, and never fails. Absent: nobody can tell.
   * @param signal  ends the watch
   */
  readonly watch?: (signal: AbortSignal) => Promise<string>;
}

/** How one share is made: `buildWithBuildkit` into the store, or `pushShare` onto a registry. */
export interface Maker<P extends RunPorts> {
  readonly one: (request: BuildkitRequest, builder: BuildkitBuilder, ports: P) => Promise<BuildResult>;
  /** Where the blobs of all can be read. */
  readonly blobs: (results: readonly BuildResult[]) => BlobReader;
}

/**
 * Builds each share on its node, all at once, and joins what came out into one image. A node that fails is told at once and does not stop the others: what they make stays
 * in their caches and in the store, so that the next run does only what is missing.
 * @throws {ProblemError} of one failure its own code, or `node-failed` where the node was lost; of several `node-failed`; each with node and platforms. `usage`: several
 *   nodes would write the same cache.
 */
export async function buildShares<P extends RunPorts>(
  request: BuildkitRequest,
  shares: readonly Share[],
  ports: P,
  { one, blobs }: Maker<P>,
): Promise<BuildResult> {
  refuseSharedCache(request, shares);
  let working = shares.length;
  const outcomes = await Promise.all(
    shares.map(async (share): Promise<Outcome> => {
      try {
        return { result: await buildShare(request, share, ports, one, shares.length > 1) };
      } catch (error) {
        if (working > 1 && isProblem(error) && ports.signal?.aborted !== true)
          ports.events.emit({ type: "warning", message: `${wordsFor({ share, error })}; the other nodes go on`, atMs: ports.clock.nowMs() });
        return { failure: { share, error } };
      } finally {
        working--;
      }
    }),
  );
  ports.signal?.throwIfAborted();
  const failures = outcomes.flatMap((outcome) => ("failure" in outcome ? [outcome.failure] : []));
  if (failures.length > 0) throw failureOf(failures, outcomes.length);
  const results = outcomes.flatMap((outcome) => ("result" in outcome ? [outcome.result] : []));
  const [only] = results;
  if (results.length === 1 && only !== undefined) return only;
  return joinResults(results, request.platforms, request.packing, blobs(results));
}

interface Failure {
  readonly share: Share;
  readonly error: unknown;
}

type Outcome = { readonly result: BuildResult } | { readonly failure: Failure };

async function buildShare<P extends RunPorts>(request: BuildkitRequest, share: Share, ports: P, one: Maker<P>["one"], several: boolean): Promise<BuildResult> {
  const over = new AbortController();
  const lost = new AbortController();
  void share
    .watch?.(over.signal)
    .then((why) =>
      lost.abort(new ProblemError("node-failed", { message: `the node is lost: ${why}`, hint: "see that it runs and can be reached, then build again" })),
    );
  const signal = ports.signal === undefined ? lost.signal : AbortSignal.any([ports.signal, lost.signal]);
  try {
    const builder = await share.builder(signal);
    return await one(several ? ofShare(request, share) : { ...request, platforms: share.platforms, ...caches(request, share) }, builder, {
      ...ports,
      signal,
      ...(several ? { prefix: { id: share.node, shown: share.short } } : {}),
    });
  } finally {
    over.abort();
  }
}

/** The request for one node among several: its platforms, and no annotation that only the index of all can have. */
function ofShare(request: BuildkitRequest, share: Share): BuildkitRequest {
  const isHis = ({ at, platform }: Annotation): boolean =>
    at === "manifest" && (platform === undefined || share.platforms.some((one) => samePlatform(one, platform)));
  return {
    ...request,
    platforms: share.platforms,
    packing: { ...request.packing, annotations: request.packing.annotations.filter(isHis) },
    ...caches(request, share),
  };
}

const PLACEHOLDER = "{platform}";

/** `{platform}` in a cache's words stands for the platform that is built (`linux_arm_v7`); what is read may be of several. */
function caches({ cacheFrom, cacheTo }: BuildkitRequest, { platforms }: Share): Pick<BuildkitRequest, "cacheFrom" | "cacheTo"> {
  const names = platforms.map(platformFolder);
  const each = (spec: string): string[] => (spec.includes(PLACEHOLDER) ? names.map((name) => spec.replaceAll(PLACEHOLDER, name)) : [spec]);
  return { cacheFrom: cacheFrom.flatMap(each), cacheTo: cacheTo.flatMap((spec) => each(spec).slice(0, 1)) };
}

function refuseSharedCache({ cacheTo }: BuildkitRequest, shares: readonly Share[]): void {
  const shared = cacheTo.find((spec) => !/(?:^|,)type=inline(?:,|$)/.test(spec) && !spec.includes(PLACEHOLDER));
  if (shares.length < 2 || shared === undefined) return;
  throw new ProblemError("usage", {
    message: `--cache-to "${shared}" would be written by ${shares.length} nodes, each over the other`,
    hint: "put {platform} into its name, so that each node has its own, and into --cache-from too",
  });
}

/** What keeps a node from its work, rather than being wrong with the work. */
const OF_THE_NODE: readonly string[] = ["node-failed", "builder-unusable", "docker-unavailable"];

const wordsFor = ({ share, error }: { readonly share: Share; readonly error: ProblemError }): string => {
  const place = [share.platforms.map(formatPlatform).join(", "), ...(error.message.includes(share.node) ? [] : [`on ${share.node}`])];
  return `${place.filter((part) => part !== "").join(" ")}: ${error.message}`;
};

function failureOf(failures: readonly Failure[], of: number): unknown {
  const bug = failures.find(({ error }) => !isProblem(error));
  if (bug !== undefined) return bug.error;
  const problems = failures.map(({ share, error }) => ({ share, error: error as ProblemError }));
  const [first] = problems as [{ share: Share; error: ProblemError }];
  if (of === 1 && first.share.kind === "builder") return first.error;
  const codes = new Set(problems.map(({ error }) => (OF_THE_NODE.includes(error.code) ? "node-failed" : error.code)));
  const [code = "node-failed"] = codes;
  const kept = of > failures.length ? "what the other nodes made is kept: build again, and only this is done" : undefined;
  const hint = [first.error.hint, kept].filter((one) => one !== undefined).join("; ");
  return new ProblemError(codes.size === 1 ? code : "node-failed", {
    message: problems.map(wordsFor).join("\n"),
    hint: hint === "" ? undefined : hint,
    facts: {
      ...first.error.facts,
      nodes: problems.map(({ share }) => share.node).join(","),
      platforms: problems.flatMap(({ share }) => share.platforms.map(formatPlatform)).join(","),
    },
    cause: first.error,
  });
}
