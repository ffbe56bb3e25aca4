/** Processes that the warden itself has started and that have not ended: what else is below it was left behind by a program. */
export const ownChildren = new Set<number>();
