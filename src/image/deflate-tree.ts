/** A Huffman code that is being made: frequencies in, lengths and codes out. */
export interface HuffmanTree {
  /** One more than the symbols, twice: the inner nodes of the tree follow the symbols. */
  readonly frequency: Uint16Array;
  /** Bits of each symbol's code; 0: it does not occur. */
  readonly length: Uint8Array;
  /** As they are written: first bit lowest. */
  readonly code: Uint16Array;
  readonly symbols: number;
  /** The longest code that is allowed. */
  readonly limit: number;
}

export function huffmanTree(symbols: number, limit: number): HuffmanTree {
  const nodes = 2 * symbols + 1;
  return { frequency: new Uint16Array(nodes), length: new Uint8Array(nodes), code: new Uint16Array(symbols), symbols, limit };
}

/**
 * Gives every symbol that occurs its length and code; when there are less than two, others get one, too. Which of several best trees comes out is part of the bytes, so ties fall as in zlib's trees.c (1.3.1, learned
 * 2026-11-22): a heap in which the less deep of two equal nodes is first, and, when a code gets too long, the lengths are dealt out anew.
 * @returns the last symbol that has a code
 */
export function buildTree(tree: HuffmanTree): number {
  const { frequency, length, symbols } = tree;
  const nodes = length.length;
  const heap = new Uint16Array(nodes);
  const depth = new Uint8Array(nodes);
  const parent = new Uint16Array(nodes);
  /** Symbols and inner nodes, the most frequent first, from `at` on. */
  const order = new Uint16Array(nodes);
  const added: number[] = [];
  let size = 0;
  let last = -1;
  for (let symbol = 0; symbol < symbols; symbol++) {
    length[symbol] = 0;
    if (frequency[symbol] === 0) continue;
    heap[++size] = symbol;
    last = symbol;
  }
  while (size < 2) {
    const symbol = last < 2 ? ++last : 0;
    heap[++size] = symbol;
    frequency[symbol] = 1;
    added.push(symbol);
  }

  const before = (a: number, b: number): boolean => {
    const difference = (frequency[a] as number) - (frequency[b] as number);
    return difference < 0 || (difference === 0 && (depth[a] as number) <= (depth[b] as number));
  };
  const sink = (from: number): void => {
    const node = heap[from] as number;
    let hole = from;
    for (let child = from * 2; child <= size; child *= 2) {
      if (child < size && before(heap[child + 1] as number, heap[child] as number)) child++;
      const candidate = heap[child] as number;
      if (before(node, candidate)) break;
      heap[hole] = candidate;
      hole = child;
    }
    heap[hole] = node;
  };
  for (let at = size >> 1; at >= 1; at--) sink(at);

  let at = nodes;
  let node = symbols;
  do {
    const first = heap[1] as number;
    heap[1] = heap[size--] as number;
    sink(1);
    const second = heap[1] as number;
    order[--at] = first;
    order[--at] = second;
    frequency[node] = (frequency[first] as number) + (frequency[second] as number);
    depth[node] = Math.max(depth[first] as number, depth[second] as number) + 1;
    parent[first] = node;
    parent[second] = node;
    heap[1] = node++;
    sink(1);
  } while (size >= 2);
  order[--at] = heap[1] as number;

  const counts = assignLengths(tree, order, at, parent, last);
  assignCodes(length, tree.code, last, counts);
  for (const symbol of added) frequency[symbol] = 0;
  return last;
}

/** @returns how many symbols have each length */
function assignLengths(tree: HuffmanTree, order: Uint16Array, root: number, parent: Uint16Array, last: number): Uint16Array {
  const { length, limit } = tree;
  const counts = new Uint16Array(16);
  let tooLong = 0;
  length[order[root] as number] = 0;
  for (let at = root + 1; at < order.length; at++) {
    const node = order[at] as number;
    let bits = (length[parent[node] as number] as number) + 1;
    if (bits > limit) {
      bits = limit;
      tooLong++;
    }
    length[node] = bits;
    if (node <= last) counts[bits] = (counts[bits] as number) + 1;
  }
  if (tooLong === 0) return counts;
  for (; tooLong > 0; tooLong -= 2) {
    // A leaf goes one down and takes one of those that are too long as its brother.
    let bits = limit - 1;
    while (counts[bits] === 0) bits--;
    counts[bits] = (counts[bits] as number) - 1;
    counts[bits + 1] = (counts[bits + 1] as number) + 2;
    counts[limit] = (counts[limit] as number) - 1;
  }
  let at = order.length;
  for (let bits = limit; bits > 0; bits--) {
    for (let n = counts[bits] as number; n > 0; ) {
      const node = order[--at] as number;
      if (node > last) continue;
      length[node] = bits;
      n--;
    }
  }
  return counts;
}

/** Codes from lengths: RFC 1951, 3.2.2. */
export function assignCodes(length: Uint8Array, code: Uint16Array, last: number, counts: Uint16Array): void {
  const next = new Uint16Array(16);
  for (let bits = 1, first = 0; bits < 16; bits++) {
    first = (first + (counts[bits - 1] as number)) << 1;
    next[bits] = first;
  }
  for (let symbol = 0; symbol <= last; symbol++) {
    const bits = length[symbol] as number;
    if (bits === 0) continue;
    let value = next[bits] as number;
    next[bits] = value + 1;
    let reversed = 0;
    for (let n = bits; n > 0; n--, value >>= 1) reversed = (reversed << 1) | (value & 1);
    code[symbol] = reversed;
  }
}
