import { readFileSync } from "node:fs";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Look } from "./node-watch.ts";

/** Where a BuildKit listens, and with what it wants to be spoken to. */
export interface BuildkitAddress {
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Paths; present: TLS is spoken. */
  readonly tls?: { readonly cacert?: string; readonly cert?: string; readonly key?: string; readonly servername?: string };
}

/** A busy node answers late; in this time a lost packet is sent again. */
const ANSWER_MS = 3000;
/** How HTTP/2 begins (RFC 9113, 3.4): these octets, then settings; the other side sends its own. */
const PREFACE = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]);
const SETTINGS = 4;
const TLS_ALERT = 0x15;

/** Whether a BuildKit answers there: that it speaks HTTP/2 is taken for it. Nothing is asked of it. */
export function lookAtBuildkit(address: BuildkitAddress, answerMs: number = ANSWER_MS): Look {
  const { at } = address;
  const shown = "path" in at ? at.path : `${isIP(at.host) === 6 ? `[${at.host}]` : at.host}:${at.port}`;
  return (signal) =>
    new Promise((done) => {
      let socket: Socket;
      try {
        socket = open(address);
      } catch (error) {
        done(`its certificates cannot be used: ${(error as Error).message}`);
        return;
      }
      const over = (wrong: string | undefined): void => {
        clearTimeout(limit);
        signal.removeEventListener("abort", stopped);
        socket.destroy();
        done(wrong === undefined ? undefined : `${shown} ${wrong}`);
      };
      const stopped = (): void => over(undefined);
      const limit = setTimeout(() => over("does not answer"), answerMs);
      signal.addEventListener("abort", stopped, { once: true });
      socket.once(address.tls === undefined ? "connect" : "secureConnect", () => socket.write(PREFACE));
      socket.once("data", (bytes: Buffer) => over(wrongIn(bytes)));
      socket.once("end", () => over("ends the connection before it says anything, as one that wants TLS, or another certificate, does"));
      socket.on("error", (error: NodeJS.ErrnoException) => over(wordsFor(error)));
    });
}

function open({ at, tls }: BuildkitAddress): Socket {
  if (tls === undefined) return connect(at);
  const { cacert, cert, key, servername } = tls;
  const name = servername ?? ("host" in at ? at.host : "");
  return connectTls({
    ...at,
    ALPNProtocols: ["h2"],
    ...(isIP(name) === 0 ? { servername: name } : { servername: "" }),
    ...(cacert === undefined ? {} : { ca: readFileSync(cacert) }),
    ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
    ...(key === undefined ? {} : { key: readFileSync(key) }),
  });
}

function wrongIn(bytes: Buffer): string | undefined {
  if (bytes[0] === TLS_ALERT) return "wants TLS: give cacert, cert and key behind a ? of its address";
  return bytes[3] === SETTINGS ? undefined : "is no BuildKit: what it says is not HTTP/2";
}

function wordsFor({ code = "", message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ECONNREFUSED":
      return "refuses connections";
    case "ENOENT":
      return "is not there";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "has a host name that nobody knows";
    case "ECONNRESET":
      return "closes the connection at once";
    default:
      return /CERT|SSL|TLS|SIGNATURE|ALTNAME/.test(code) ? `and we do not agree about TLS: ${reason(message)}` : `cannot be reached (${code || message})`;
  }
}

/** OpenSSL's messages stand among numbers: `…:SSL routines:ssl3_read_bytes:tlsv1 alert …:../deps/…`. */
const reason = (message: string): string => /(?:SSL routines:[^:]*:)([^:]+)/.exec(message)?.[1] ?? message.replace(/\s+/g, " ").trim().replace(/\.$/, "");
