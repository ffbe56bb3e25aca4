/** Reads text in UTF-8 or, where a mark says so, UTF-16 (what PowerShell writes); bytes that are neither become U+FFFD. */
export class LogDecoder {
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #first: Uint8Array = new Uint8Array(0);

  decode(bytes: Uint8Array): string {
    if (this.#decoder !== undefined) return this.#decoder.decode(bytes, { stream: true });
    const start = this.#first.length === 0 ? bytes : joined(this.#first, bytes);
    if (start.length < 2) {
      this.#first = start;
      return "";
    }
    return this.#open(start).decode(start, { stream: true });
  }

  end(): string {
    return this.#decoder === undefined ? this.#open(this.#first).decode(this.#first) : this.#decoder.decode();
  }

  #open(start: Uint8Array): InstanceType<typeof TextDecoder> {
    const [a, b] = start;
    const decoder = new TextDecoder(a === 0xff && b === 0xfe ? "utf-16le" : a === 0xfe && b === 0xff ? "utf-16be" : "utf-8");
    this.#decoder = decoder;
    return decoder;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
