import { lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { byCodeUnit } from "../../../core/order.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { HostFixRecord } from "../../../host/fix/change.ts";
import type { HostJournal } from "../../../host/fix/changer.ts";
import { isHostFixRecord } from "../../../host/fix/record.ts";
import { makeFolder } from "../store/make-folder.ts";
import { guarded } from "../store/problem.ts";
import { writeDurably } from "./change-file.ts";

const RECORD = /^([0-9A-Za-z-]+)\.json$/;
/** Most bytes of a record. */
const RECORD_LIMIT_BYTES = 8 * 1024 * 1024;

/** Records in a folder of the store, which is made (mode 0700) with the first. @param folder  `host-changes` */
export function hostJournal(folder: string): HostJournal {
  return {
    records: () =>
      guarded(folder, () => {
        if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return [];
        refuseForeign(folder);
        const names = readdirSync(folder).filter((name) => RECORD.test(name));
        return names.sort(byCodeUnit).map((name) => readRecord(join(folder, name)));
      }),
    keep: (record) =>
      guarded(folder, () => {
        makeFolder(folder, 0o700);
        refuseForeign(folder);
        writeDurably(join(folder, `${record.id}.json`), Buffer.from(`${JSON.stringify(record, null, 2)}\n`), { mode: 0o600 });
      }),
    forget: (id) =>
      guarded(folder, () => {
        // The record first: backups without one harm nobody.
        rmSync(join(folder, `${id}.json`), { force: true });
        if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return;
        for (const name of readdirSync(folder)) if (name.startsWith(`${id}.`)) rmSync(join(folder, name), { force: true });
      }),
    backupPath: (id, index) => {
      guarded(folder, () => makeFolder(folder, 0o700));
      return join(folder, `${id}.${index}.before`);
    },
  };
}

function readRecord(path: string): HostFixRecord {
  if (lstatSync(path).size <= RECORD_LIMIT_BYTES) {
    try {
      const record: unknown = JSON.parse(readFileSync(path, "utf8"));
      if (isHostFixRecord(record)) return record;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  throw new ProblemError("store-damaged", {
    message: `"${path}" is no record of what was changed of this machine`,
    hint: "look at it, and remove it when it is of no use",
    facts: { path },
  });
}

/** Commands of a record are run: it must be this user's own. */
function refuseForeign(folder: string): void {
  const { uid, mode } = lstatSync(folder);
  const user = process.getuid?.();
  if (user === undefined || (uid === user && (mode & 0o022) === 0)) return;
  throw new ProblemError("store-unusable", {
    message: `"${folder}" holds records of what was changed of this machine, but others may write to it`,
    hint: "name a store of your own with --store",
    facts: { path: folder },
  });
}
