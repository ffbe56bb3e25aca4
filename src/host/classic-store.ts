import { type Asking, askDocker, isUnknown } from "./ask-docker.ts";
import { daemonFailure } from "./docker-failure.ts";
import { INFO, INFO_SOURCE, storeOf } from "./docker-info.ts";
import type { BuilderFact, BuildxFact, Known, Unknown } from "./facts.ts";
import { fields, fieldsIn, list, text } from "./json.ts";
import { known } from "./known.ts";

/** What one question told of Docker's own builder. */
export type ClassicAnswer = { readonly buildx: Known<BuildxFact>; readonly builder: BuilderFact } | { readonly lost: Unknown } | undefined;

/**
 * Whether Docker's own builder has the classic store, asked of the daemon and not of Buildx, which takes three times as long to start.
 * @param name  of the context, and so of the builder
 * @returns `lost` when the daemon hangs or cannot be reached; undefined when it has another store, or this does not tell
 */
export async function classicStore(asking: Asking, name: string): Promise<ClassicAnswer> {
  const answer = await askDocker(asking, INFO);
  if (isUnknown(answer)) return answer.state === "silent" ? { lost: answer } : undefined;
  if (answer.status !== 0) {
    const failure = daemonFailure(answer.stderr, INFO_SOURCE);
    return failure.state === "broken" ? undefined : { lost: failure };
  }
  const info = fieldsIn(answer.stdout);
  const plugin = list(fields(info?.ClientInfo).Plugins)
    .map(fields)
    .find((one) => one.Name === "buildx");
  const version = /\d+(?:\.\d+)+/.exec(text(plugin?.Version) ?? "")?.[0];
  // A daemon of another kind says nothing of its driver.
  if (version === undefined || info === undefined || !Array.isArray(info.DriverStatus) || storeOf(info) !== "classic") return undefined;
  return { buildx: known({ version }, INFO_SOURCE), builder: classicBuilder(name) };
}

const classicBuilder = (name: string): BuilderFact => ({
  name,
  driver: "docker",
  nodes: [
    {
      name,
      endpoint: name,
      status: "running",
      buildkit: undefined,
      platforms: [],
      declared: [],
      native: [],
      driverOptions: new Map(),
      containerdStore: false,
      problem: undefined,
    },
  ],
  problem: undefined,
});
