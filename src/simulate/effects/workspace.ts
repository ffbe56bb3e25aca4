import type { Effect } from "./effect.ts";

export const writeFile: Effect<"write-file"> = ({ path, place }, environment) => ({
  ...environment,
  files: [...environment.files, { path, fact: { sentence: "the job writes the file here", place } }],
});

/** Into the workspace, as far as anyone knows: any file may come. */
export const downloadArtifact: Effect<"download-artifact"> = ({ name, place }, environment) => ({
  ...environment,
  files: [
    ...environment.files,
    {
      path: { parts: [{ source: "artifact", atoms: [] }], place: name?.place ?? place },
      fact: { sentence: "the job downloads an artifact here", place },
    },
  ],
});

/** A checkout into the workspace itself cleans it. */
export const checkOut: Effect<"check-out"> = ({ path }, environment, { sure }) =>
  sure && path === undefined && environment.files.length > 0 ? { ...environment, files: [] } : environment;
