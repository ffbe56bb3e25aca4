import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** They import JSON in a way that Node takes only when it is bundled. */
const server = { deps: { inline: [/@actions\//] } };

export default defineConfig({
  test: {
    reporters: ["default", "./test/harness/closing-reporter.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["test/peers/**", "test/run/**"],
          testTimeout: 30_000,
          // The default leaves a core to others, which on a machine with two is half of it; and who waits for a program leaves a core idle.
          maxWorkers: Math.ceil(availableParallelism() * 1.5),
          // Modules are loaded once a worker, not once a file: a fifth of the time. Tests leave nothing behind in them.
          isolate: false,
          server,
        },
      },
      // Builds that run programs: Linux with namespaces, and minutes.
      { test: { name: "sandbox", include: ["test/run/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: "100%", server } },
      { test: { name: "peers", include: ["test/peers/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false, server } },
    ],
  },
});
