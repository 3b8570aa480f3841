import { hueOf, initialsOf } from "@workkit/chat/page";
import type { CSSProperties, ReactElement } from "react";

/** The face of a person: initials on a colour that stays with the identity. The name stands beside it, so nobody is read it twice. */
export function Face({ id, name }: { id: string; name: string }): ReactElement {
  const style: CSSProperties & Record<"--hue", number> = { "--hue": hueOf(id) };
  return <span className="face" aria-hidden="true" style={style} data-initials={initialsOf(name)} />;
}
