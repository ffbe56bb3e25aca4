import { remembered } from "../../../core/remembered.ts";
import type { PlatformImage, Subject } from "../../subject.ts";
import { distributionOf } from "./distribution.ts";
import { grouped } from "./grouped.ts";

/** Images that are to be alike: those of one operating system, at least two, in the image's order. */
export const cohortsOf: (subject: Subject) => readonly (readonly PlatformImage[])[] = remembered(({ images }) =>
  grouped(images, ({ platform }) => platform.os).filter((cohort) => cohort.length > 1),
);

/**
 * The same, of images whose files are known and can be alike: two releases of a distribution, or of Windows, have other packages and files throughout, and
 * that is told once.
 */
export const fileCohortsOf: (subject: Subject) => readonly (readonly PlatformImage[])[] = remembered(({ images }) =>
  grouped(
    images.filter(({ files }) => files !== undefined),
    (image) => JSON.stringify([image.platform.os, image.platform["os.version"], distributionOf(image)]),
  ).filter((cohort) => cohort.length > 1),
);
