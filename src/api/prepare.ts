import { resolve } from "node:path";
import { type ContextSource, parseBuildContext } from "../adapters/node/context/build-context-source.ts";
import { diskFolder } from "../adapters/node/disk-folder.ts";
import type { World } from "../adapters/node/world.ts";
import { complaintText } from "../core/complaint.ts";
import { ProblemError } from "../core/problem.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import type { BuildContext } from "../engine/context.ts";
import { imageResolver } from "../engine/images/image-resolver.ts";
import type { RemoteFetcher } from "../engine/remote.ts";
import type { BlobReader } from "../image/blob-store.ts";
import { openLayout } from "../image/layout.ts";
import type { BuildPlan } from "../plan/graph.ts";
import { planBuild } from "../plan/plan-build.ts";
import type { NamedContext, PlanRequest } from "../plan/request.ts";
import { parseBuildArgs, parseKeyValues, parsePlatforms } from "./flags.ts";
import { contextPorts, filesContext, mainContext } from "./main-context.ts";
import type { PlanOptions } from "./request.ts";
import { buildArgsWithProxies } from "./run-settings.ts";
import type { Session } from "./session.ts";

/** A plan, and what the engine needs to carry it out. */
export interface Prepared {
  readonly plan: BuildPlan;
  /** What the Dockerfile's reader found odd, with places. */
  readonly notes: readonly string[];
  readonly contexts: (name?: string) => Promise<BuildContext>;
  readonly layoutBlobs: (reference: string) => BlobReader | undefined;
  readonly remote: RemoteFetcher;
}

/** Reads the request and the Dockerfile, plans, hands both to `use`, and closes every context at the end. */
export async function prepared<T>(options: PlanOptions, world: World, session: Session, use: (prepared: Prepared) => Promise<T>): Promise<T> {
  // Everything that can be wrong with the words comes before anything is opened.
  const platforms = parsePlatforms(options.platforms ?? [], world.buildPlatform);
  const buildArgs = buildArgsWithProxies(parseBuildArgs(options.buildArgs ?? [], world), world);
  const labels = parseKeyValues("--label", options.labels ?? [], () => "");
  const named = new Map((options.buildContexts ?? []).map(parseBuildContext).map(({ name, source }) => [name, source]));
  const ports = contextPorts(world, session.store.folder, buildArgs, options.signal);
  const main = await mainContext(options.context ?? ".", options.file, ports);
  const opened = new Map<string, Promise<BuildContext>>();
  try {
    if (main.dockerfile.text.includes("\0"))
      throw new ProblemError("dockerfile-syntax", {
        message: `"${main.dockerfile.name}" is no text, and no archive either`,
        hint: "name a Dockerfile with -f",
      });
    const layouts = new Map<string, BlobReader>();
    const images = imageResolver({
      client: session.client,
      store: session.store.blobs,
      openLayout: async (folder) => {
        const layout = await openLayout(diskFolder(resolve(world.cwd, folder)), folder);
        layouts.set(folder, layout.blobs);
        return layout;
      },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const request: PlanRequest = {
      dockerfile: parseDockerfile(main.dockerfile),
      platforms,
      buildPlatform: world.buildPlatform,
      buildArgs,
      labels,
      namedContexts: new Map([...named].map(([name, source]) => [name, plannable(source)])),
      noCache: options.noCache ?? false,
      noCacheFilter: options.noCacheFilter ?? [],
      ...(options.target === undefined ? {} : { target: options.target }),
      ...(world.env.SOURCE_DATE_EPOCH ? { environmentEpoch: world.env.SOURCE_DATE_EPOCH } : {}),
    };
    const plan = await planBuild(request, { images });
    return await use({
      plan,
      notes: request.dockerfile.complaints.filter(({ severity }) => severity !== "error").map(complaintText),
      contexts: (name) => {
        if (name === undefined) return main.open();
        const source = named.get(name);
        if (source === undefined) throw new Error(`the plan names a context that nobody gave: ${name}`);
        const context = opened.get(name) ?? filesContext(name, source, ports);
        opened.set(name, context);
        return context;
      },
      layoutBlobs: (reference) => [...layouts].find(([folder]) => reference.startsWith(`oci-layout://${folder}@`))?.[1],
      remote: ports.remote,
    });
  } finally {
    await Promise.allSettled([...opened.values()].map(async (context) => (await context).close()));
    await main.close();
  }
}

function plannable(source: ContextSource): NamedContext {
  if (source.kind === "image") return source.source;
  if (source.kind === "stdin")
    throw new ProblemError("usage", { message: "a named context cannot come from standard input", hint: "give it a folder or an archive" });
  return { kind: "files" };
}
