import { join } from "node:path";
import { CHECKOUT, PEERS } from "../compare/places.ts";
import { run } from "./peer-suite.ts";

/** Brings root file systems of Debian for eight architectures; quick when they are there. */
export const bringDebian = (): string => run("bash", [join(CHECKOUT, "scripts/peers/debian-roots.sh")]);

/** The root of one, by Debian's word; its archive is `….tar`. */
export const debianRoot = (word: string): string => join(PEERS, "debian", word);

/** Peers look at each so-manieth, unless for all. */
export const eachOf = <T>(all: readonly T[], share: number): readonly T[] =>
  process.env.MULTIHULL_ALL_PEERS === undefined ? all.filter((_, i) => i % share === 0) : all;
