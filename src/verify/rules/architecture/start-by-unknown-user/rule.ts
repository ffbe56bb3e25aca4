import { defineImageRule } from "../../../rule.ts";
import { isKnownUser, userOf } from "../../../start/user.ts";
import { quote } from "../../shown.ts";

export const rule = defineImageRule({
  meta: { id: "start-by-unknown-user", summary: "the image does not know the user or group that USER names", severity: "error", confidence: "certain" },
  platform(image, _subject, report) {
    const user = image.files === undefined || image.platform.os !== "linux" ? undefined : userOf(image);
    if (user === undefined || isKnownUser(user)) return;
    const file = user.what === "user" ? "/etc/passwd" : "/etc/group";
    report({
      message: `USER names the ${user.what} ${quote(user.name)}, and ${user.fileExists ? `${file} does not have it` : `there is no ${file} to look it up in`}`,
      cause: `No container starts: "unable to find ${user.what} ${user.name}". Names are looked up in the image, by the runtime.`,
      remedies: [
        `give the number instead of the name: USER ${user.what === "user" ? "65532" : "65532:65532"}`,
        user.what === "user"
          ? "add the user in the final stage, or copy /etc/passwd from the stage that added it"
          : "add the group in the final stage, or copy /etc/group from the stage that added it",
      ],
    });
  },
});
