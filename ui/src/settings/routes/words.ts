/** A route as a sentence. */

import { m } from "../../generated/messages/messages";
import { capitalised } from "../../lib/format";
import { sourceName } from "../../lib/source-name";
import type { QuietSpan, Route } from "../../lib/types";
import { weekdays } from "../../lib/weekdays";
import { getLocale } from "../../lib/words";
import { urgencies } from "../form/urgencies";
import { expanded } from "../quiet/schedule";
import { targetName } from "../targets/words";

/** `From orders, at least high, unread for 10 min: to phone`. */
export function routeSentence(route: Route): string {
  const conditions = [
    ...given(route.source.map(sourceName), (what) => m.route_from({ what })),
    ...given(route.topic, (what) => m.route_about({ what })),
    ...(route.min_urgency === "low" ? [] : [m.route_at_least({ what: urgency(route) })]),
    ...given(route.tag, (what) => m.route_tagged({ what })),
    ...(route.text ? [m.route_saying({ what: route.text })] : []),
    ...given(route.actor, (what) => m.route_by({ what })),
    ...(route.unread_for ? [m.route_unread_for({ what: duration(route.unread_for) })] : []),
    ...given(route.when.map(span), (what) => what),
  ];
  const what = conditions.length > 0 ? conditions.join(", ") : m.targets_everything();
  const where = listed(route.to.map(targetName), "conjunction");
  const sentence = route.only ? m.route_only({ what, where }) : m.route_sentence({ what, where });
  return capitalised(sentence);
}

/** `1h30m` as `1 hr 30 min`; what is no duration is shown as it is. */
export function duration(text: string): string {
  const units = { w: "week", d: "day", h: "hour", m: "minute", s: "second" } as const;
  if (!/^(\d+[wdhms])+$/.test(text)) return text;
  const parts = [...text.matchAll(/(\d+)([wdhms])/g)].map(([, count, letter]) => {
    const unit = units[letter as keyof typeof units];
    const format = { style: "unit", unit, unitDisplay: "short" } as const;
    return new Intl.NumberFormat(getLocale(), format).format(Number(count));
  });
  return parts.join(" ");
}

function given(words: string[], say: (what: string) => string): string[] {
  return words.length > 0 ? [say(listed(words, "disjunction"))] : [];
}

function listed(words: string[], type: Intl.ListFormatType): string {
  return new Intl.ListFormat(getLocale(), { type }).format(words);
}

function urgency({ min_urgency }: Route): string {
  const found = urgencies().find(({ value }) => value === min_urgency);
  return (found?.label ?? min_urgency).toLocaleLowerCase(getLocale());
}

/** `Mon–Fri 18:00–08:00`. */
function span({ days, from, until }: QuietSpan): string {
  const names = weekdays("short");
  const chosen = expanded(days);
  const words: string[] = [];
  for (let first = 0; first < names.length; first += 1) {
    if (!chosen[first]) continue;
    let last = first;
    while (chosen[last + 1]) last += 1;
    words.push(
      last - first > 1 ? `${names[first]}–${names[last]}` : names.slice(first, last + 1).join(", "),
    );
    first = last;
  }
  return `${words.join(", ")} ${from}–${until}`;
}
