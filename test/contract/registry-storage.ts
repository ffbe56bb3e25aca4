import { expect, test } from "vitest";
import { digestOf } from "../../src/core/digest.ts";
import { MEDIA_TYPE } from "../../src/core/media-type.ts";
import type { ManifestRecord, RegistryStorage } from "../../src/registry/server/storage.ts";

export const recordOf = (text: string, more: Partial<ManifestRecord> = {}): ManifestRecord => ({
  descriptor: { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(text), size: text.length },
  ...more,
});

/** What every {@link RegistryStorage} does. */
export function registryStorageContract(name: string, make: () => Promise<RegistryStorage>): void {
  const blob = digestOf("blob");

  test(`${name}: links blobs to one repository and not to others`, async () => {
    const storage = await make();
    expect(await storage.hasBlob("a", blob)).toBe(false);
    await storage.linkBlob("a", blob);
    await storage.linkBlob("a", blob);
    await storage.linkBlob("a/b", blob);
    expect(await storage.hasBlob("a", blob)).toBe(true);
    expect(await storage.hasBlob("b", blob)).toBe(false);
    expect(await storage.unlinkBlob("a", blob)).toBe(true);
    expect(await storage.unlinkBlob("a", blob)).toBe(false);
    expect(await storage.hasBlob("a", blob)).toBe(false);
    expect(await storage.hasBlob("a/b", blob)).toBe(true);
  });

  test(`${name}: keeps a manifest's record, all of it`, async () => {
    const storage = await make();
    const record = recordOf("m", {
      descriptor: { ...recordOf("m").descriptor, artifactType: "application/x", annotations: { b: "2", a: "\u{1F600}" } },
      subject: digestOf("subject"),
    });
    await storage.putManifest("a", record, []);
    expect(await storage.manifest("a", record.descriptor.digest)).toEqual(record);
    expect(await storage.manifest("b", record.descriptor.digest)).toBeUndefined();
  });

  test(`${name}: moves tags, lists them in code-unit order, and tells upper from lower case`, async () => {
    const storage = await make();
    const [one, two] = [recordOf("one"), recordOf("two")];
    await storage.putManifest("a", one, ["v1", "latest", "V1", "_", "v1.10", "v1.9"]);
    await storage.putManifest("a", two, ["latest"]);
    expect(await storage.tag("a", "v1")).toBe(one.descriptor.digest);
    expect(await storage.tag("a", "latest")).toBe(two.descriptor.digest);
    expect(await storage.tag("a", "none")).toBeUndefined();
    expect(await storage.tags("a")).toEqual(["V1", "_", "latest", "v1", "v1.10", "v1.9"]);
    expect(await storage.deleteTag("a", "V1")).toBe(true);
    expect(await storage.deleteTag("a", "V1")).toBe(false);
    expect(await storage.tag("a", "v1")).toBe(one.descriptor.digest);
    expect(await storage.manifest("a", one.descriptor.digest)).toEqual(one);
  });

  test(`${name}: deletes a manifest with the tags that name it, and no others`, async () => {
    const storage = await make();
    const [one, two] = [recordOf("one"), recordOf("two")];
    await storage.putManifest("a", one, ["v1", "old"]);
    await storage.putManifest("a", two, ["v2"]);
    expect(await storage.deleteManifest("a", one.descriptor.digest)).toBe(true);
    expect(await storage.deleteManifest("a", one.descriptor.digest)).toBe(false);
    expect(await storage.tags("a")).toEqual(["v2"]);
    expect(await storage.tag("a", "v1")).toBeUndefined();
    await storage.putManifest("a", one, []);
    expect(await storage.tags("a")).toEqual(["v2"]);
  });

  test(`${name}: knows a repository from its first push on, and lists those that hold a manifest`, async () => {
    const storage = await make();
    expect(await storage.tags("a")).toBeUndefined();
    expect(await storage.repositories()).toEqual([]);
    await storage.linkBlob("only/blobs", blob);
    expect(await storage.tags("only/blobs")).toEqual([]);
    for (const repository of ["b/c/d", "b", "a-b", "a/b"]) await storage.putManifest(repository, recordOf("m"), []);
    expect(await storage.repositories()).toEqual(["a-b", "a/b", "b", "b/c/d"]);
    expect(await storage.tags("b/c")).toBeUndefined();
    await storage.deleteManifest("b", recordOf("m").descriptor.digest);
    expect(await storage.repositories()).toEqual(["a-b", "a/b", "b/c/d"]);
    expect(await storage.deleteTag("nowhere", "v1")).toBe(false);
    expect(await storage.deleteManifest("nowhere", recordOf("m").descriptor.digest)).toBe(false);
  });

  test(`${name}: tells who refers to a subject, also to one that is not there`, async () => {
    const storage = await make();
    const subject = digestOf("subject");
    const referrers = ["r1", "r2", "r3"].map((text) => recordOf(text, { subject }));
    for (const record of referrers) await storage.putManifest("a", record, []);
    await storage.putManifest("a", recordOf("bystander", { subject: digestOf("another") }), []);
    const wanted = referrers.map((record) => record.descriptor).sort((a, b) => (a.digest < b.digest ? -1 : 1));
    expect(await storage.referrers("a", subject)).toEqual(wanted);
    expect(await storage.referrers("b", subject)).toEqual([]);
    await storage.deleteManifest("a", wanted[1]!.digest);
    expect(await storage.referrers("a", subject)).toEqual([wanted[0], wanted[2]]);
  });

  test(`${name}: many pushes and deletions at once leave each tag on a manifest that is there`, async () => {
    const storage = await make();
    const records = Array.from({ length: 10 }, (_, i) => recordOf(`m${i}`));
    await Promise.all(
      records.flatMap((record, i) => [
        storage.putManifest("a", record, [`t${i % 3}`, "latest"]),
        ...(i % 2 === 0 ? [storage.deleteManifest("a", recordOf(`m${(i + 1) % 10}`).descriptor.digest)] : []),
      ]),
    );
    for (const tag of (await storage.tags("a")) ?? []) {
      const digest = await storage.tag("a", tag);
      expect(digest).toBeDefined();
      expect(await storage.manifest("a", digest!)).toBeDefined();
    }
    expect(await storage.tag("a", "latest")).toBeDefined();
  });
}
