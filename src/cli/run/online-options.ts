import type { OnlineOptions } from "../../api/doctor.ts";
import type { Given } from "../commands.ts";
import { list, switched } from "../given.ts";

/** Flags that `doctor` and `fix` share. */
export const onlineOptions = (given: Given): OnlineOptions => ({
  online: switched(given, "online"),
  insecureRegistries: list(given, "insecureRegistry"),
  registryMirrors: list(given, "registryMirror"),
});
