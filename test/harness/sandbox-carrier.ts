/**
 * `sandbox-carrier.ts PROGRAM ARGUMENT...`: puts on the filter that a container has, for good, and becomes the program: the same process, so that who kills it kills the program.
 * To be run by root, who needs no NO_NEW_PRIVS for it.
 */
import { createRequire } from "node:module";
import { libc } from "../../src/adapters/node/sandbox/libc.ts";
import { containerFilter } from "./sandbox-filter.ts";

const filter = containerFilter();
if (filter === undefined) throw new Error(`there is no filter for ${process.arch}`);
libc().seccomp(filter);
const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
const library = koffi.load(null);
// Node marks its standard streams as not to be inherited when it starts.
const F_SETFD = 2;
const setFlags = library.func("int fcntl(int, int, int)");
for (const stream of [0, 1, 2]) setFlags(stream, F_SETFD, 0);
const [program, ...args] = process.argv.slice(2);
library.func("int execvp(const char*, const char**)")(program, [program, ...args, null]);
throw new Error(`${program} could not be started: ${koffi.errno()}`);
