import { isProblem } from "../../core/problem.ts";
import { parseReference } from "../../core/reference.ts";
import { buildkitImageEmulates, isBuildkitImage } from "../../facts/buildx.ts";

/**
 * Whether the image of a `docker-container` builder holds an emulator; undefined where nobody knows. A copy in another registry is taken for what its name says.
 * @param image  undefined: Buildx's own choice
 */
export function imageEmulates(image: string | undefined, architecture: string): boolean | undefined {
  return image === undefined || isBuildkitImage(repositoryOf(image)) ? buildkitImageEmulates(architecture) : undefined;
}

function repositoryOf(image: string): string {
  try {
    return parseReference(image).repository;
  } catch (error) {
    // An option that somebody gave a builder by hand.
    if (isProblem(error)) return image;
    throw error;
  }
}
