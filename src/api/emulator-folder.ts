import { join } from "node:path";
import type { Store } from "../adapters/node/store/store.ts";

/** Where emulators that were brought are kept. */
export const emulatorFolder = ({ sandboxFolder }: Pick<Store, "sandboxFolder">): string => join(sandboxFolder, "emulators");
