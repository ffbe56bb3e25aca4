import { ProblemError } from "../../core/problem.ts";

/** Reads `HOST:PORT`, `[IPV6]:PORT`, `:PORT` or `PORT`; without a host it is IPv4's loopback. @throws {ProblemError} `usage` */
export function parseListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]*)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new ProblemError("usage", {
      message: `"${text}" is not an address to listen on`,
      hint: "wanted HOST:PORT, such as 127.0.0.1:5000; port 0 takes a free one",
    });
  }
  return { host: match[1] ?? (match[2] || "127.0.0.1"), port };
}

export const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
