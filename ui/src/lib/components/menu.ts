import type { IconName } from "../icons";

/** Something to choose. */
export interface MenuItem {
  kind?: "item";
  label: string;
  icon?: IconName;
  /** What else opens it, or a fact such as the time it stands for. */
  hint?: string;
  danger?: boolean;
  disabled?: boolean;
  /** Given: a choice that is on or off. */
  checked?: boolean;
  chosen: () => void;
}

/** One line of a menu. A heading is about the items after it. */
export type MenuLine = { kind: "heading"; label: string } | { kind: "line" } | MenuItem;

export interface MenuGroup {
  heading?: string;
  lines: ({ kind: "line" } | MenuItem)[];
}

/** The items under their headings, as a screen reader tells them. */
export function grouped(lines: readonly MenuLine[]): MenuGroup[] {
  const groups: MenuGroup[] = [{ lines: [] }];
  for (const line of lines) {
    if (line.kind === "heading") groups.push({ heading: line.label, lines: [] });
    else groups.at(-1)?.lines.push(line);
  }
  return groups.filter((group) => group.lines.length > 0);
}

/** Where a menu goes so that it stays within the window: below its button, else above. */
export function placeMenu(
  anchor: { left: number; right: number; top: number; bottom: number },
  menu: { width: number; height: number },
  space: { width: number; height: number },
  endsAtAnchor: boolean,
): { left: number; top: number } {
  const margin = 8;
  const below = anchor.bottom + 4;
  const above = anchor.top - 4 - menu.height;
  const fitsBelow = below + menu.height + margin <= space.height;
  const top = fitsBelow || above < margin ? below : above;
  const left = endsAtAnchor ? anchor.right - menu.width : anchor.left;
  return {
    left: Math.max(margin, Math.min(left, space.width - menu.width - margin)),
    top: Math.max(margin, Math.min(top, space.height - menu.height - margin)),
  };
}
