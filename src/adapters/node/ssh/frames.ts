/** Longest message of the agent protocol that passes, as in OpenSSH. @see openssh-portable ssh-agent.c `AGENT_MAX_LEN`, read 2026-11-22 */
export const MAX_FRAME_BYTES = 256 * 1024;

/**
 * The messages of a stream of the SSH agent protocol, without their lengths; ends with the stream, also in the middle of a message, and before one that is empty or
 * longer than {@link MAX_FRAME_BYTES}.
 * @see draft-ietf-sshm-ssh-agent, section 3, read 2026-11-22
 */
export async function* readFrames(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    pending = pending.byteLength === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.byteLength >= 4) {
      const length = pending.readUInt32BE(0);
      if (length === 0 || length > MAX_FRAME_BYTES) return;
      if (pending.byteLength < 4 + length) break;
      yield pending.subarray(4, 4 + length);
      pending = pending.subarray(4 + length);
    }
  }
}

/** A message with its length in front. */
export function frame(message: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.byteLength);
  return Buffer.concat([length, message]);
}
