import { assertNever } from "../../../core/never.ts";
import type { EmulatorChanger, HostChanger } from "../../../host/fix/changer.ts";
import type { HostPrograms } from "../../../host/ports.ts";
import { checkBuilderAbsent, makeBuilder, makeSelection, type Patience, restart, restartAgain, unmakeBuilder, unmakeSelection } from "./change-command.ts";
import { fileDiffers, keepFile, makeFile, restoreFile } from "./change-file.ts";

const PATIENCE: Patience = { limitMs: 60_000, everyMs: 500 };

/** Changes this machine, with the user's `docker`. */
export function hostChanger(programs: HostPrograms, emulators: EmulatorChanger, patience: Patience = PATIENCE): HostChanger {
  return {
    prepare: async (change, backup) => {
      if (change.kind === "file") return keepFile(change, backup);
      if (change.kind === "builder") await checkBuilderAbsent(change, programs);
      return {};
    },
    make: async (change, signal) => {
      switch (change.kind) {
        case "file":
          return makeFile(change);
        case "restart":
          return await restart(change, programs, patience, signal);
        case "builder":
          return await makeBuilder(change, programs, signal);
        case "select":
          return await makeSelection(change, programs, signal);
        case "emulator":
        case "emulator-container":
          return await emulators.make(change, signal);
        default:
          assertNever(change);
      }
    },
    differs: async (done) => {
      const { change } = done;
      if (change.kind === "file") return fileDiffers({ ...done, change });
      if (change.kind === "emulator" || change.kind === "emulator-container") return await emulators.differs({ ...done, change });
      return undefined;
    },
    takeBack: async (done) => {
      const { change } = done;
      switch (change.kind) {
        case "file":
          return restoreFile({ ...done, change });
        case "restart":
          return await restartAgain(change, programs, patience);
        case "builder":
          return await unmakeBuilder(change, programs);
        case "select":
          return await unmakeSelection(change, programs);
        case "emulator":
        case "emulator-container":
          return await emulators.takeBack({ ...done, change });
        default:
          assertNever(change);
      }
    },
  };
}
