import { describe, expect, it } from "vitest";

import type { Decision } from "../lib/types";
import { history, verdicts } from "./why";

const AT = new Date(2026, 10, 20, 9, 30).getTime();

const arrival: Decision = {
  event: "arrival",
  arrival: "live",
  target: "",
  status: "",
  reason: "",
  at: AT,
};

function delivery(given: Partial<Decision>): Decision {
  return {
    event: "delivery",
    target: "phone",
    status: "DELIVERED",
    reason: "",
    at: 0,
    grouping: "single",
    scheduled_delivery: AT,
    retry_attempts: 0,
    ...given,
  };
}

describe("why", () => {
  it("is the last word about each place", () => {
    expect(
      verdicts([
        arrival,
        delivery({ target: "desktop" }),
        delivery({ address: "ana", status: "DELIVERY FAILURE", reason: "attempts-used-up" }),
        delivery({ address: "bob" }),
        delivery({ address: "ana" }),
      ]),
    ).toEqual(["Shown on the desktop.", "Delivered to phone (ana).", "Delivered to phone (bob)."]);
  });

  it("is how it came while nothing was decided", () => {
    expect(verdicts([arrival])).toEqual(["Arrived live."]);
    expect(verdicts([{ ...arrival, arrival: "by pigeon", reason: "fog" }])).toEqual([
      "by pigeon: fog",
    ]);
  });

  it.each([
    [{ status: "SCHEDULED" }, /^Will be sent to phone: .*9:30/],
    [{ status: "SCHEDULED", while_unread: true }, /^Will be sent to phone if it is still unread: /],
    [{ grouping: "digest" }, /^Delivered to phone in a digest\.$/],
    [{ grouping: "summary" }, /^Delivered to phone in a summary\.$/],
    [{ grouping: "to-come" }, /^Delivered to phone\.$/],
    [{ status: "RETRY", reason: "401 Unauthorized" }, /tried again: 401 Unauthorized$/],
    [
      { status: "SUPPRESSED", reason: "no-record" },
      /^Not sent to phone, because the target has no/,
    ],
    [{ status: "OPTED OUT", reason: "opted-out" }, /^Not sent to phone: opted out, because you/],
    [{ status: "TO COME" }, /^phone: TO COME\.$/],
    [
      { target: "desktop", status: "SUPPRESSED", reason: "read" },
      /^Not shown on the desktop, because/,
    ],
  ])("of %j is a sentence", (given, expected) => {
    expect(verdicts([delivery(given)])[0]).toMatch(expected);
  });
});

describe("the history", () => {
  it("tells for each target its route, its attempts, the answer and the confirmation", () => {
    const [, popup, sent] = history([
      arrival,
      delivery({ target: "desktop", attempted_delivery: AT + 40 }),
      delivery({
        status: "RETRY",
        route: "night",
        retry_attempts: 2,
        max_retries: 6,
        answer: "421 later",
      }),
    ]);
    expect(popup, "a popup has no more to tell").toMatchObject({
      at: AT + 40,
      good: true,
      facts: [],
    });
    expect(sent?.facts).toEqual([
      "By the route “night”",
      expect.stringMatching(/^Next attempt: .*9:30/),
      "Attempt 2 of 6",
      "Answer: 421 later",
    ]);
  });

  it("says who wanted it there where no route did, and how often it was tried without an end", () => {
    const [line] = history([delivery({ retry_attempts: 1, confirmed_at: AT })]);
    expect(line?.facts).toEqual([
      "The sender named this target",
      "1 attempt so far",
      expect.stringMatching(/^Confirmed: /),
    ]);
  });
});
