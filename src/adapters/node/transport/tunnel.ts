import type { Agent as HttpAgent } from "node:http";
import { request as httpRequest } from "node:http";
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import { connect } from "node:tls";
import { TransportError } from "../../../registry/client/transport.ts";
import { addressOfHost, proxyAuthorization } from "./proxy.ts";

interface Target {
  readonly host?: string;
  readonly port?: number | string;
}

/**
 * An agent whose connections lead through a proxy that is asked to CONNECT, with TLS to the host inside.
 * @param toProxy  TLS settings for the proxy itself
 * @param inside   settings of the agent and of TLS to the host
 */
export function tunnelAgent(proxy: URL, toProxy: object, inside: AgentOptions, limitMs: number): HttpAgent {
  const agent = new HttpsAgent(inside);
  const make = (target: Target, made: (error: Error | null, socket?: Socket) => void): undefined => {
    const host = target.host ?? "";
    const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${target.port ?? 443}`;
    const asking = (proxy.protocol === "https:" ? httpsRequest : httpRequest)({
      ...addressOfHost(proxy),
      ...toProxy,
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      agent: false,
    });
    let over = false;
    const end = (error: Error | null, socket?: Socket): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      made(error, socket);
    };
    const timer = setTimeout(() => {
      end(new TransportError("timeout", "no connection was made in time"));
      asking.destroy();
    }, limitMs);
    asking.once("connect", ({ statusCode = 0 }, raw) => {
      if (statusCode !== 200) {
        raw.destroy();
        return end(new TransportError("proxy", statusCode === 407 ? "the proxy wants credentials (407)" : `the proxy refused the way (${statusCode})`));
      }
      const secure = connect({ ...inside, socket: raw, ...(isIP(host) === 0 ? { servername: host } : {}) });
      secure.once("secureConnect", () => end(null, secure));
      secure.once("error", (error) => {
        raw.destroy();
        end(error);
      });
    });
    asking.once("error", end);
    asking.end();
    return undefined;
  };
  // Node's types know only the way that gives a socket at once; an agent takes one later as well.
  (agent as unknown as { createConnection: typeof make }).createConnection = make;
  return agent;
}
