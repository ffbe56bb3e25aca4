import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { worldIn } from "../test/harness/sandbox-worlds.ts";
import { type BenchEngine, buildahEngine, setAside } from "./engines.ts";

/** buildah's chroot has an empty environment, and looks for the folders that a log-in would have made. */
const RUNTIME_FOLDERS = [
  "mkdir -p /run/user && mount -t tmpfs tmpfs /run/user && chmod 755 /run/user",
  ...["0", "4242"].map((id) => `mkdir -m 700 /run/user/${id} && chown 4242:4242 /run/user/${id}`),
].join("\n");

/** Ours and buildah as an ordinary user with subordinate ids, each with a home of its own that root makes. */
export function rootlessEngines(folder: string, context: string): readonly BenchEngine[] {
  mkdirSync(folder, { recursive: true });
  for (const open of [folder, join(folder, ".."), context]) chmodSync(open, 0o755);
  spawnSync("chmod", ["-R", "a+rX", context]);
  const home = (name: string) => {
    mkdirSync(join(folder, name));
    return worldIn(join(folder, name), "user with subordinate ids");
  };
  const [ours, theirs] = [home("ours"), home("buildah")];
  const storage = join(theirs.place, "storage");
  const buildah = buildahEngine(storage, ["--storage-driver", "overlay"], ["--isolation", "chroot"]);
  // Where it notes blobs, and what it trusts, is below the home as well.
  mkdirSync(join(theirs.place, ".config/containers"), { recursive: true });
  writeFileSync(join(theirs.place, ".config/containers/policy.json"), '{"default": [{"type": "insecureAcceptAnything"}]}');
  mkdirSync(join(theirs.place, "run"), { mode: 0o700 });
  spawnSync("chown", ["-R", `${theirs.id}:${theirs.id}`, theirs.place]);
  return [
    {
      name: "multihull, ordinary user",
      version: "this checkout",
      build: ({ context: from, platforms, image, archive }) =>
        ours.commandLine(process.execPath, [
          join(ours.place, "../checkout/bin/multihull"),
          ...["build", "--engine", "embedded", "--store", join(ours.place, "store"), "--platform", platforms, "--progress=plain"],
          ...(image === undefined ? ["-o", `type=oci,dest=${archive}`] : ["--push", "-t", image]),
          from,
        ]),
      env: ours.env,
      forget: () => setAside(join(ours.place, "store")),
      daemons: () => [],
    },
    {
      ...buildah,
      name: "buildah rootless, chroot",
      build: (wanted) => {
        const [program, ...args] = buildah.build(wanted);
        return theirs.commandLine(program as string, args, RUNTIME_FOLDERS);
      },
      // A DOCKER_CONFIG without a file in it makes it fail.
      env: { ...theirs.env, DOCKER_CONFIG: "", XDG_RUNTIME_DIR: join(theirs.place, "run") },
      forget: () => {
        rmSync(storage, { recursive: true, force: true });
        rmSync(join(theirs.place, ".local"), { recursive: true, force: true });
      },
    },
  ];
}
