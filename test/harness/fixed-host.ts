import type { HostChange } from "../../src/host/fix/change.ts";
import type { EmulatorChanger } from "../../src/host/fix/changer.ts";
import type { HostPrograms, ProgramAnswer } from "../../src/host/ports.ts";

/** A machine's Docker and kernel as far as changes touch them, in memory. */
export interface FixedHost {
  readonly programs: HostPrograms;
  readonly emulators: EmulatorChanger;
  readonly builders: Set<string>;
  selected: string;
  readonly registered: Set<string>;
  /** What the daemon has read of its configuration at each start. */
  readonly starts: (string | undefined)[];
  /** Command lines that fail, and what they say. */
  readonly failing: Map<string, string>;
}

const OK: ProgramAnswer = { kind: "ended", status: 0, stdout: "", stderr: "" };
const failed = (stderr: string): ProgramAnswer => ({ kind: "ended", status: 1, stdout: "", stderr });

/** @param config  reads the daemon's configuration, when it starts */
export function fixedHost(config: () => string | undefined): FixedHost {
  const host: FixedHost = {
    builders: new Set(),
    selected: "default",
    registered: new Set(),
    starts: [],
    failing: new Map(),
    programs: {
      run: async (program, args) => {
        const line = [program, ...args].join(" ");
        const why = host.failing.get(line);
        if (why !== undefined) return failed(why);
        const [, verb = "", name = ""] = args;
        if (program === "systemctl") {
          if (args.includes("restart")) host.starts.push(config());
          return OK;
        }
        if (args[0] === "version") return OK;
        return buildx(host, verb, verb === "create" ? (args[3] ?? "") : name);
      },
    },
    emulators: {
      make: async (change) => void (change.kind === "emulator" && host.registered.add(change.architecture)),
      differs: async () => undefined,
      takeBack: async ({ change }) => void (change.kind === "emulator" && host.registered.delete(change.architecture)),
    },
  };
  return host;
}

function buildx(host: FixedHost, verb: string, name: string): ProgramAnswer {
  const there = host.builders.has(name);
  switch (verb) {
    case "inspect":
      if (name === "") return { ...OK, stdout: `Name:   ${host.selected}\n` } as ProgramAnswer;
      return there ? OK : failed(`ERROR: no builder "${name}" found`);
    case "create":
      if (there) return failed(`ERROR: existing instance for "${name}"`);
      host.builders.add(name);
      return OK;
    case "rm":
      if (!there) return failed(`ERROR: no builder "${name}" found`);
      host.builders.delete(name);
      return OK;
    default:
      host.selected = name;
      return OK;
  }
}

/** One change of each kind, for files in `folder`. */
export function someChanges(folder: string): readonly HostChange[] {
  return [
    { kind: "emulator", architecture: "arm64", interpreter: "/q", registration: ":x", about: "" },
    { kind: "file", path: `${folder}/new/made.toml`, before: undefined, after: "made\n", about: "" },
    { kind: "file", path: `${folder}/daemon.json`, before: "{}\n", after: "{changed}\n", about: "" },
    {
      kind: "builder",
      name: "b",
      command: ["docker", "buildx", "create", "--name", "b"],
      undo: ["docker", "buildx", "rm", "b"],
      about: "",
    },
    { kind: "select", name: "b", before: undefined, command: ["docker", "buildx", "use", "b"], undo: ["docker", "buildx", "use", "default"], about: "" },
    { kind: "restart", command: ["systemctl", "restart", "docker"], byHand: "restart it", about: "" },
  ];
}
