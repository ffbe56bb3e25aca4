import type { DaemonFact } from "../facts.ts";
import type { HostFiles, HostPrograms } from "../ports.ts";
import type { DoneChange, HostChange, HostFixRecord } from "./change.ts";
import { restartMeans } from "./restart-means.ts";

export type RestartChange = Extract<HostChange, { kind: "restart" }>;

export interface RestartAsk {
  /** True: also when containers stop by it. False: the user restarts it. Undefined: when no container runs. */
  readonly restart?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RestartPorts {
  readonly files: HostFiles;
  readonly programs: HostPrograms;
}

/** A restart of the daemon as far as it may be done; else what the user has to do. */
export async function plannedRestart(daemon: DaemonFact, { restart, signal }: RestartAsk, ports: RestartPorts): Promise<RestartChange> {
  const about = "Docker reads its configuration when it starts";
  const { command, byHand } = await restartMeans(daemon, ports, signal);
  if (command === undefined || restart === false) return { kind: "restart", command: undefined, byHand, about };
  const { containersRunning: running } = daemon;
  if (running === 0 || restart === true) return { kind: "restart", command, byHand, about };
  const when = `when ${running === 1 ? "its running container" : `its ${running} running containers`} may stop`;
  return { kind: "restart", command: undefined, byHand: `${when}: ${byHand} (--restart lets multihull do it)`, about };
}

/**
 * A record as it is to be undone now: the daemon may be another process by then, may have been started with the change or not, and its containers may run.
 * @param daemon  undefined: it does not answer, and is restarted as it was
 */
export async function withRestartNow(record: HostFixRecord, daemon: DaemonFact | undefined, ask: RestartAsk, ports: RestartPorts): Promise<HostFixRecord> {
  if (daemon === undefined || !record.done.some(({ change }) => change.kind === "restart")) return record;
  const planned = await plannedRestart(daemon, ask, ports);
  // One that has never been started with the change has nothing to forget.
  const restart = daemon.store === "classic" ? { ...planned, command: undefined, byHand: "" } : planned;
  return { ...record, done: record.done.map((one): DoneChange => (one.change.kind === "restart" ? { ...one, change: restart } : one)) };
}
