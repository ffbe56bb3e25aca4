import { bytesText, countText } from "../../core/quantity.ts";

/** How far the reading of an image is. */
export interface LayersRead {
  /** Layers of which reading has begun, and those that are through. */
  readonly begun: number;
  readonly done: number;
  readonly bytes: number;
}

const FRAME_MS = 100;

/**
 * Shows that layers are being read: on a terminal a line that is drawn anew and gone in the end, in a log one line that stays, and neither where nothing is read.
 * @param write  to stderr
 */
export function layersProgress(write: (text: string) => void, isTerminal: boolean, nowMs: () => number): { seen(read: LayersRead): void; end(): void } {
  let drawnMs = Number.NEGATIVE_INFINITY;
  let said = false;
  return {
    seen({ begun, done, bytes }) {
      if (bytes === 0) return;
      if (!isTerminal) {
        if (!said) write("reading layers\n");
      } else {
        const now = nowMs();
        if (now - drawnMs < FRAME_MS) return;
        drawnMs = now;
        write(`\r\u001b[Kreading layers: ${done} of ${countText(begun, "layer")} done, ${bytesText(bytes)}`);
      }
      said = true;
    },
    end() {
      if (isTerminal && said) write("\r\u001b[K");
    },
  };
}
