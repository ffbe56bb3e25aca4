import { clause } from "../../../../facts/clauses.ts";
import type { RunConfig } from "../../../../image/config.ts";
import { defineImageRule } from "../../../rule.ts";
import { configPlace } from "../places.ts";
import { isSignal } from "../signals.ts";
import { listed, quoted } from "../words.ts";

export const rule = defineImageRule({
  meta: { id: "unusable-setting", summary: "a setting of the config is one that runtimes refuse or pass over", severity: "warning", confidence: "certain" },
  platform(image, _subject, report) {
    const settings = image.config.value?.config;
    if (settings === undefined) return;
    for (const { message, cause, refused, remedy } of faultsIn(settings, image.platform.os === "windows")) {
      report({ severity: refused ? "error" : "warning", message, at: configPlace(image.config), clause: clause("config"), cause, remedies: [remedy] });
    }
  },
});

interface SettingFault {
  readonly message: string;
  readonly cause: string;
  /** No container is made. */
  readonly refused: boolean;
  readonly remedy: string;
}

const SHOWN = 5;

function faultsIn(settings: RunConfig, windows: boolean): SettingFault[] {
  const found: SettingFault[] = [];
  const { WorkingDir: folder, Env, ExposedPorts, StopSignal: signal, Healthcheck, Volumes } = settings;
  if (folder !== undefined && folder !== "" && !isAbsolute(folder, windows))
    found.push({
      message: `WorkingDir is ${quoted(folder)}, which is no absolute path`,
      cause: "Docker refuses to make a container with it, containerd takes it from the root",
      refused: true,
      remedy: "write it from the root: WORKDIR /app",
    });
  const odd = (Env ?? []).filter((entry) => entry.indexOf("=") < 1 && !(windows && entry.startsWith("=")));
  if (odd.length > 0)
    found.push({
      message: `Env has ${listed(odd.slice(0, SHOWN).map(quoted))} without a name or "="`,
      cause: "an entry without its value sets nothing; some runtimes take the variable away, some pass it on as it is",
      refused: false,
      remedy: 'write each as NAME=VALUE: ENV NAME=""',
    });
  const ports = Object.keys(ExposedPorts ?? {}).filter((port) => !isPort(port));
  if (ports.length > 0)
    found.push({
      message: `ExposedPorts has ${listed(ports.slice(0, SHOWN).map(quoted))}, wanted PORT or PORT/tcp`,
      cause: "Docker refuses to make a container with a port that it cannot read",
      refused: true,
      remedy: "write numbers: EXPOSE 8080/tcp",
    });
  if (!windows && signal !== undefined && signal !== "" && !isSignal(signal))
    found.push({
      message: `StopSignal is ${quoted(signal)}, which is no signal`,
      cause: "Docker refuses to make a container with it",
      refused: true,
      remedy: "name a signal: STOPSIGNAL SIGTERM",
    });
  const test = Healthcheck?.Test?.[0];
  if (test !== undefined && test !== "" && !["NONE", "CMD", "CMD-SHELL"].includes(test))
    found.push({
      message: `the health check begins with ${quoted(test)}, wanted NONE, CMD or CMD-SHELL`,
      cause: "Docker warns and never checks the health of the container",
      refused: false,
      remedy: "let the builder write it: HEALTHCHECK CMD curl --fail http://localhost/",
    });
  const volumes = Object.keys(Volumes ?? {}).filter((path) => !isAbsolute(path, windows));
  if (volumes.length > 0)
    found.push({
      message: `Volumes has ${listed(volumes.slice(0, SHOWN).map(quoted))}, which ${volumes.length === 1 ? "is no absolute path" : "are no absolute paths"}`,
      cause: "Docker refuses to mount a volume at a path that is not absolute",
      refused: true,
      remedy: "write paths from the root: VOLUME /data",
    });
  return found;
}

const isAbsolute = (path: string, windows: boolean): boolean => (windows ? /^(?:[A-Za-z]:|[\\/])/.test(path) : path.startsWith("/"));

function isPort(text: string): boolean {
  const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(?:tcp|udp|sctp))?$/i.exec(text) ?? [];
  return first !== undefined && Number(first) <= 65_535 && (last === undefined || (Number(last) <= 65_535 && Number(last) >= Number(first)));
}
