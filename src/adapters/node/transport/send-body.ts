import type { ClientRequest } from "node:http";
import type { OutgoingBody } from "../../../registry/client/transport.ts";

/** A body on its way. */
export interface SendingBody {
  /** What the source threw: no failure of the network's. */
  readonly failure: { readonly error: unknown } | undefined;
  /** The answer is there: nobody wants the rest. @returns whether there is a rest, which leaves the connection useless */
  stop(): boolean;
}

/** Sends the bytes as fast as the connection takes them, and ends the request. */
export function sendBody(outgoing: ClientRequest, body: OutgoingBody): SendingBody {
  let failure: { readonly error: unknown } | undefined;
  let stopped = false;
  let sent = 0;
  let wake = (): void => {};
  const leave = (): void => {
    stopped = true;
    wake();
  };
  outgoing.on("drain", () => wake());
  outgoing.once("close", leave);

  async function send(): Promise<void> {
    try {
      for await (const chunk of body.open()) {
        if (stopped) return;
        sent += chunk.byteLength;
        if (outgoing.write(chunk)) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        if (stopped) return;
      }
      outgoing.end();
    } catch (error) {
      failure = { error };
      outgoing.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  void send();
  return {
    get failure() {
      return failure;
    },
    stop() {
      // With all bytes there the answer may overtake the source's own end.
      if (sent >= body.length) return false;
      leave();
      return true;
    },
  };
}
