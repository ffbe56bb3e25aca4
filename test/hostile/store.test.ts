import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tarOf } from "../harness/built-result.ts";
import { buildHere, evilRegistry, problemOf, temporaryFolder } from "./evil-registry.ts";

const EPOCH = { SOURCE_DATE_EPOCH: "1700000000" };

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
}

interface Damaged {
  /** Problems on the way; the last build is sound. */
  readonly problems: readonly string[];
  readonly same: boolean;
}

/** Builds twice; between the two somebody damages the store. A build that meets the damage may end with a problem once, the next has to succeed. */
async function afterDamage(damage: (store: string) => void, upon?: string): Promise<Damaged> {
  const store = temporaryFolder();
  const context = temporaryFolder();
  writeFileSync(join(context, "f"), "content ".repeat(1000));
  const again = async (dest: string): Promise<Buffer> => {
    await buildHere({ dockerfile: `FROM ${upon ?? "scratch"}\nCOPY f /f\nWORKDIR /w\n`, context, store, outputs: [`type=oci,dest=${dest}`], env: EPOCH });
    return readFileSync(dest);
  };
  const out = temporaryFolder();
  const before = await again(join(out, "before"));
  damage(store);
  const problems: string[] = [];
  for (let i = 0; ; i++) {
    try {
      const after = await again(join(out, "after"));
      return { problems, same: after.equals(before) };
    } catch (error) {
      problems.push((await problemOf(Promise.reject(error))).code);
      expect(existsSync(join(out, "after"))).toBe(false);
      if (i === 4) throw error;
    }
  }
}

const blobs = (store: string): string[] => filesBelow(join(store, "blobs"));
const records = (store: string): string[] => filesBelow(join(store, "records"));

describe("a store that somebody damaged gives a problem or the same image, and never another one", () => {
  const damages: Readonly<Record<string, (store: string) => void>> = {
    "a byte of every blob is changed": (store) => {
      for (const path of blobs(store)) {
        const bytes = readFileSync(path);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      }
    },
    "every blob is longer": (store) => {
      for (const path of blobs(store)) appendFileSync(path, "x");
    },
    "every blob is empty": (store) => {
      for (const path of blobs(store)) truncateSync(path, 0);
    },
    "the blobs that step records name are gone": (store) => {
      for (const path of blobs(store)) rmSync(path);
    },
    "every record is cut short": (store) => {
      for (const path of records(store)) truncateSync(path, statSync(path).size >> 1);
    },
    "every record is empty": (store) => {
      for (const path of records(store)) truncateSync(path, 0);
    },
    "every record is another's": (store) => {
      const all = records(store);
      const texts = all.map((path) => readFileSync(path));
      for (const [i, path] of all.entries()) writeFileSync(path, texts[(i + 1) % texts.length] as Buffer);
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    test(`${name}, upon scratch and upon a base`, async () => {
      const registry = await evilRegistry();
      registry.tag(registry.image({ layers: [tarOf([{ path: "etc/base", content: "of the base" }])] }));
      for (const upon of [undefined, registry.name]) {
        const { problems, same } = await afterDamage((store) => {
          expect(records(store).length).toBeGreaterThan(0);
          damage(store);
        }, upon);
        expect(new Set(problems)).toEqual(new Set(problems.length === 0 ? [] : [expect.stringMatching(/^store-/)]));
        expect(same).toBe(true);
      }
    });
  }
});

test("what a step is remembered by tells platforms, arguments, modes, owners and contents apart", async () => {
  const store = temporaryFolder();
  const context = temporaryFolder();
  writeFileSync(join(context, "f"), "x");
  const layerOf = async (line: string, more: { readonly platforms?: readonly string[]; readonly buildArgs?: readonly string[] } = {}): Promise<string> =>
    (await buildHere({ dockerfile: `FROM scratch\nARG A\nARG TARGETARCH\n${line}\n`, context, store, env: EPOCH, ...more })).images[0]?.layers[0]?.digest ??
    "none";
  const made = [
    await layerOf("COPY f /f"),
    await layerOf("COPY --chmod=600 f /f"),
    await layerOf("COPY --chown=7:8 f /f"),
    await layerOf("COPY f /$A", { buildArgs: ["A=one"] }),
    await layerOf("COPY f /$A", { buildArgs: ["A=two"] }),
    await layerOf("COPY f /$TARGETARCH", { platforms: ["linux/amd64"] }),
    await layerOf("COPY f /$TARGETARCH", { platforms: ["linux/arm64"] }),
  ];
  expect(new Set(made).size).toBe(made.length);
  expect(await layerOf("COPY f /f")).toBe(made[0]);
});
