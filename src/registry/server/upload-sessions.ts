import { randomUUID } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { Digest } from "../../core/digest.ts";
import type { BlobStore, BlobWriter, ByteStream } from "../../image/blob-store.ts";
import { RegistryError } from "./error.ts";

/** Uploads open at once; each holds a file and a buffer. */
const MOST_SESSIONS = 2048;

interface Session {
  readonly repository: string;
  /** Made with the first byte. */
  writer: BlobWriter | undefined;
  /** A request is at work on it. */
  busy: boolean;
  usedAtMs: number;
}

/** Blobs on their way in, between the requests that bring them. */
export class UploadSessions {
  readonly #blobs: BlobStore;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #idleMs: number;
  readonly #sessions = new Map<string, Session>();

  constructor(blobs: BlobStore, clock: Pick<Clock, "nowMs">, idleMs: number) {
    this.#blobs = blobs;
    this.#clock = clock;
    this.#idleMs = idleMs;
  }

  /**
   * Starts one; first drops those that lie idle.
   * @throws {RegistryError} TOOMANYREQUESTS
   */
  async start(repository: string): Promise<string> {
    const now = this.#clock.nowMs();
    for (const [id, session] of this.#sessions) if (!session.busy && now - session.usedAtMs > this.#idleMs) await this.#drop(id, session);
    if (this.#sessions.size >= MOST_SESSIONS) throw new RegistryError("TOOMANYREQUESTS", { message: `${MOST_SESSIONS} uploads are open already` });
    const id = randomUUID();
    this.#sessions.set(id, { repository, writer: undefined, busy: false, usedAtMs: now });
    return id;
  }

  /**
   * Bytes that have come so far.
   * @throws {RegistryError} BLOB_UPLOAD_UNKNOWN
   */
  size(repository: string, id: string): number {
    return this.#session(repository, id).writer?.size ?? 0;
  }

  /**
   * Adds bytes. What came before a cut stays, so that the client can go on from there.
   * @throws {RegistryError} BLOB_UPLOAD_UNKNOWN | BLOB_UPLOAD_INVALID (another request is at it)
   */
  append(repository: string, id: string, body: ByteStream): Promise<number> {
    return this.#exclusively(repository, id, async (session) => {
      for await (const chunk of body) {
        session.writer ??= await this.#blobs.create();
        await session.writer.write(chunk);
        session.usedAtMs = this.#clock.nowMs();
      }
      return session.writer?.size ?? 0;
    });
  }

  /**
   * Makes the blob visible and ends the session, also when it fails.
   * @throws {ProblemError} `digest-mismatch`
   * @throws {RegistryError} as `append`
   */
  commit(repository: string, id: string, digest: Digest): Promise<void> {
    return this.#exclusively(repository, id, async (session) => {
      try {
        session.writer ??= await this.#blobs.create();
        await session.writer.commit({ digest });
      } finally {
        await this.#drop(id, session);
      }
    });
  }

  /** @throws {RegistryError} as `append` */
  cancel(repository: string, id: string): Promise<void> {
    return this.#exclusively(repository, id, (session) => this.#drop(id, session));
  }

  #session(repository: string, id: string): Session {
    const session = this.#sessions.get(id);
    // An upload's address holds for its own repository only.
    if (session === undefined || session.repository !== repository) throw new RegistryError("BLOB_UPLOAD_UNKNOWN");
    return session;
  }

  async #exclusively<T>(repository: string, id: string, act: (session: Session) => Promise<T>): Promise<T> {
    const session = this.#session(repository, id);
    if (session.busy) throw new RegistryError("BLOB_UPLOAD_INVALID", { status: 409, message: "another request is at work on this upload" });
    session.busy = true;
    try {
      return await act(session);
    } finally {
      session.busy = false;
      session.usedAtMs = this.#clock.nowMs();
    }
  }

  async #drop(id: string, session: Session): Promise<void> {
    this.#sessions.delete(id);
    await session.writer?.abort();
  }
}
