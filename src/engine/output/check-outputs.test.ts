import { describe, expect, test } from "vitest";
import type { ProblemCode } from "../../core/problem.ts";
import { checkOutputs } from "./check-outputs.ts";
import { parseOutput } from "./parse-output.ts";
import type { DockerDaemon } from "./ports.ts";

const two = ["linux/amd64", "linux/arm64"];
const cases: Record<
  string,
  { outputs: readonly string[]; platforms?: readonly string[]; terminal?: boolean; iidfile?: boolean; takesIndexes?: boolean; code?: ProblemCode }
> = {
  "nothing is fine": { outputs: [] },
  "an archive on a pipe is fine": { outputs: ["type=oci"] },
  "an archive on a terminal is refused": { outputs: ["type=oci"], terminal: true, code: "output-conflict" },
  "a file with a terminal is fine": { outputs: ["type=oci,dest=a"], terminal: true },
  "a Docker archive of one platform is fine": { outputs: ["type=docker,dest=a"] },
  "a Docker archive of two platforms is refused": { outputs: ["type=docker,dest=a"], platforms: two, code: "output-conflict" },
  "a load of one platform asks nobody": { outputs: ["type=docker"] },
  "a load of two platforms into containerd's store is fine": { outputs: ["type=docker"], platforms: two, takesIndexes: true },
  "a load of two platforms into the classic store is refused": { outputs: ["type=docker"], platforms: two, takesIndexes: false, code: "output-conflict" },
  "an image ID of files is refused": { outputs: ["out", "type=tar,dest=a"], iidfile: true, code: "usage" },
  "an image ID of an image beside files is fine": { outputs: ["out", "type=oci,dest=a"], iidfile: true },
};
describe("before a build", () => {
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      const docker: DockerDaemon = {
        async takesIndexes() {
          if (c.takesIndexes === undefined) throw new Error("Docker is not to be asked");
          return c.takesIndexes;
        },
        load: () => {
          throw new Error("nothing is to be loaded");
        },
      };
      const facts = { platforms: c.platforms ?? ["linux/amd64"], stdoutIsTerminal: c.terminal ?? false, iidfile: c.iidfile ?? false };
      const checked = checkOutputs(c.outputs.map(parseOutput), facts, docker);
      if (c.code === undefined) await expect(checked).resolves.toBeUndefined();
      else await expect(checked).rejects.toMatchObject({ code: c.code });
    });
});
