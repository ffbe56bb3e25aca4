import { readFileSync } from "node:fs";
import type { EnteredWorld } from "./enter/candidates.ts";
import type { WorldTrial } from "./enter/try-worlds.ts";

/** What a world means, and what it costs. */
export const WORLDS: Readonly<Record<EnteredWorld, { readonly why: string; readonly notes: readonly string[] }>> = {
  root: { why: "RUN steps run as root in a user namespace, with ids that are nobody's on this machine", notes: [] },
  "subordinate-ids": { why: "RUN steps run in a user namespace with the subordinate ids of this user", notes: [] },
  "single-id": {
    why: "RUN steps run in a user namespace with this user's id alone, because there are no subordinate ids for it",
    notes: [
      "every file that a RUN step makes belongs to root (0:0), whatever chown says: to keep owners, give this user ranges in /etc/subuid and /etc/subgid, and install newuidmap",
    ],
  },
  chroot: {
    why: "RUN steps run in a chroot, because this container may not make namespaces",
    notes: [
      "RUN steps are kept from this container's files by chroot alone, and can end its processes: build only what you would run here",
      "every RUN step copies the files of its stage, which takes time and room",
    ],
  },
};

/** For messages: what each way is called. */
const WAYS: Readonly<Record<EnteredWorld, string>> = {
  root: "a user namespace of root's",
  "subordinate-ids": "a user namespace with subordinate ids",
  "single-id": "a user namespace with one id",
  chroot: "chroot",
};

/** What was tried, and what the machine said to it: part of a sentence. */
export const triedText = (trials: readonly WorldTrial[]): string => `tried ${trials.map(({ world, said }) => `${WAYS[world]} ("${said ?? ""}")`).join(", ")}`;

/** A setting of the kernel that keeps user namespaces from ordinary users. Source: sysctl documentation of Linux, Debian and Ubuntu, read 2026-11-22. */
interface Switch {
  readonly file: string;
  readonly closed: string;
  readonly ways: readonly string[];
}

const SWITCHES: readonly Switch[] = [
  {
    file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    closed: "1",
    ways: [
      "run `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`: AppArmor keeps user namespaces from programs without a profile",
      "give node an AppArmor profile with the rule `userns,`",
    ],
  },
  {
    file: "/proc/sys/kernel/unprivileged_userns_clone",
    closed: "0",
    ways: ["run `sudo sysctl -w kernel.unprivileged_userns_clone=1`: user namespaces are switched off for ordinary users"],
  },
  {
    file: "/proc/sys/user/max_user_namespaces",
    closed: "0",
    ways: ["run `sudo sysctl -w user.max_user_namespaces=15000`: user namespaces are switched off"],
  },
];

/** Where no setting tells why. */
const UNTOLD =
  "let ordinary users make user namespaces: by the sysctls user.max_user_namespaces and kernel.apparmor_restrict_unprivileged_userns, or an AppArmor profile for node with the rule `userns,`";

/** The ways out where no world can be entered, one an element. @param root  whether we are root here */
export function waysOut(root: boolean, read: (path: string) => string | undefined = readSetting): readonly string[] {
  const closed = SWITCHES.filter(({ file, closed }) => read(file) === closed).flatMap(({ ways }) => ways);
  return [
    ...(closed.length > 0 || root ? closed : [UNTOLD]),
    root ? "give this container the right to make user namespaces, with `--security-opt seccomp=unconfined` for Docker" : "run multihull with sudo",
    "build with BuildKit: `docker buildx build`",
  ];
}

function readSetting(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
