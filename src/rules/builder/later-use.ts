import type { Build } from "../../simulate/operation.ts";
import { shownText, type Text } from "../../simulate/text.ts";
import type { Event, Trace } from "../../simulate/trace.ts";

/** A step that takes a built image out of Docker's store. */
export interface LaterUse {
  /** The name by which it does. */
  readonly tag: Text;
  readonly event: Event;
}

/** The first event behind a build that wants one of its images out of Docker's store. */
export function laterUse({ tags }: Build, event: Event, { events }: Trace): LaterUse | undefined {
  const names = new Map(tags.items.filter((tag) => typeof tag.parts[0] === "string").map((tag) => [shownText(tag), tag]));
  if (names.size === 0) return undefined;
  for (const later of events.slice(events.indexOf(event) + 1)) {
    const tag = wantedBy(later)
      .map((name) => names.get(shownText(name)))
      .find((one) => one !== undefined);
    if (tag !== undefined) return { tag, event: later };
  }
  return undefined;
}

function wantedBy({ operation }: Event): readonly Text[] {
  if (operation.kind === "save-image") return operation.images.items;
  const isDocker = operation.kind === "run-container" || ((operation.kind === "push-image" || operation.kind === "tag-image") && operation.tool === "docker");
  if (!isDocker) return [];
  const wanted = operation.kind === "tag-image" ? operation.source : operation.image;
  return wanted === undefined ? [] : [wanted];
}
