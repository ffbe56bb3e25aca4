import { once } from "node:events";
import { serveRegistry } from "../../api/registry.ts";
import { accessLineText } from "../../report/access-text.ts";
import { failureLine } from "../../report/problem-text.ts";
import type { Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { switched, text } from "../given.ts";
import { noteLine } from "../print.ts";

/** `multihull registry serve`: runs until a signal; being stopped is how it ends well. */
export const run: Run = async (_argument, given, signal) => {
  const quiet = switched(given, "quiet");
  const server = await serveRegistry({
    listen: text(given, "listen"),
    root: text(given, "root"),
    store: text(given, "store"),
    htpasswd: text(given, "htpasswd"),
    tlsCert: text(given, "tlsCert"),
    tlsKey: text(given, "tlsKey"),
    onWarning: (message) => noteLine(`warning: ${message}`),
    onFailure: (error) => noteLine(`error: ${failureLine(error)}`),
    ...(quiet ? {} : { onRequest: (line) => noteLine(accessLineText(line)) }),
  });
  noteLine(`registry at ${server.url}`);
  if (!signal.aborted) await once(signal, "abort");
  await server.close();
  return EXIT.done;
};
