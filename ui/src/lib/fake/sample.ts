/** Rows for the fake: a plausible working day, as many as wanted, and the worst that a sender can do. */

import type { Urgency } from "../types";
import type { Row } from "./world";

/** A row with nothing special about it, but for what is given. */
export function sampleRow(id: number, given: Partial<Row>, now: number): Row {
  const at = given.last_at ?? now;
  const readAt = given.read ? at + 60_000 : null;
  return {
    id,
    source: "local",
    topic: "",
    key: "",
    app: "",
    title: "Untitled",
    body: "",
    urgency: "normal",
    url: "",
    icon: "",
    actor: "",
    verb: "",
    action_object: "",
    activity_target: "",
    tags: [],
    actions: [],
    progress: null,
    data: "",
    read: false,
    sent_at: at - 1_500,
    sent_at_approximate: false,
    received_at: at,
    first_at: at,
    last_at: at,
    occurrences: 1,
    remote_id: null,
    confirmation: "confirmed",
    seen_at: readAt,
    read_at: readAt,
    done_at: null,
    saved_at: null,
    snoozed_until: null,
    acted_at: null,
    retracted_at: null,
    expires_at: null,
    posted_by: "",
    deleted_at: null,
    ...given,
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Minutes ago, and what came. */
const DAY: [number, Partial<Row>][] = [
  [
    1,
    {
      source: "orders",
      topic: "payments",
      title: "Payment of 1,204.00 € received",
      body: "Order **#48211** from Lindqvist & Partner is paid.\n\n- 3 × Walnut desk organiser\n- 1 × Reading lamp\n\nReady to ship from [the packing list](https://shop.example/orders/48211).",
      url: "https://shop.example/orders/48211",
      actor: "Lindqvist & Partner",
      verb: "paid",
      action_object: "order 48211",
      activity_target: "warehouse Leipzig",
      tags: ["vip", "eu"],
      data: '{"order":48211,"amount":{"value":1204,"currency":"EUR"},"paid":true}',
      actions: [
        { id: "pack", label: "Start packing", url: "" },
        { id: "invoice", label: "Invoice", url: "https://shop.example/invoices/48211" },
      ],
    },
  ],
  [
    4,
    {
      source: "monitoring",
      topic: "db-primary",
      title: "Disk usage above 90 % on db-primary",
      body: "/var/lib/postgresql is at 92 %. At this rate it is full in about 5 hours.",
      urgency: "critical",
      url: "https://status.example/db-primary",
      key: "disk:db-primary",
      occurrences: 6,
      first_at: 2 * HOUR,
    },
  ],
  [
    11,
    {
      source: "forge",
      topic: "tidings/api",
      title: "Review requested: Keep the cursor when the list is filtered",
      body: "Amara Osei asked for your review. 4 files changed, 82 additions, 17 deletions.",
      actor: "Amara Osei",
      verb: "requested a review of",
      action_object: "!412",
      url: "https://forge.example/tidings/api/merge/412",
      actions: [
        { id: "approve", label: "Approve", url: "" },
        {
          id: "diff",
          label: "See changes",
          url: "https://forge.example/tidings/api/merge/412/diff",
        },
      ],
    },
  ],
  [
    26,
    {
      source: "local",
      topic: "backup",
      title: "Backup of /home",
      body: "412,000 of 655,000 files",
      progress: 63,
      app: "nightly-backup",
      posted_by: "backup.sh",
      saved_at: 1,
    },
  ],
  [
    48,
    {
      source: "forge",
      topic: "tidings/api",
      title: "Pipeline failed on main",
      body: "test:bus failed after 3 min 12 s\n\n```\nassertion failed: the popup was closed\n  left: 1\n right: 0\n```",
      urgency: "high",
      url: "https://forge.example/tidings/api/pipelines/9921",
    },
  ],
  [
    95,
    {
      source: "orders",
      topic: "stock",
      title: "Reading lamp is running low",
      body: "7 left, 12 reserved.",
      read: true,
    },
  ],
  [
    130,
    {
      source: "household",
      topic: "laundry",
      title: "The washing machine is done",
      body: "Cotton 40°, 2 h 10 min",
      urgency: "low",
      read: true,
      actions: [
        { id: "dry", label: "Start the dryer", url: "" },
        { id: "code", label: "Copy the code of the door", url: "" },
        { id: "ring", label: "Ring the phone", url: "" },
        {
          id: "picture",
          label: "Download drum.jpg (1.2 MB)",
          url: "https://home.example/file/drum",
        },
      ],
      data: JSON.stringify({
        actions: [
          {
            id: "dry",
            action: "http",
            method: "put",
            url: "https://home.example/dryer",
            body: "on",
          },
          { id: "code", action: "copy", value: "1958" },
          { id: "ring", action: "broadcast" },
        ],
      }),
    },
  ],
  [
    200,
    {
      source: "monitoring",
      topic: "web",
      title: "Certificate of shop.example expires in 14 days",
      body: "Renewal has been tried twice and failed: the challenge was not answered.",
      urgency: "high",
      saved_at: 1,
    },
  ],
  [
    255,
    {
      source: "forge",
      topic: "tidings/ui",
      title: "Jonas Weber mentioned you",
      body: "> Should the list keep its place?\n\nI think so. @you, what does the *inbox* do here?",
      actor: "Jonas Weber",
      verb: "mentioned you in",
      action_object: "#87",
      read: true,
      url: "https://forge.example/tidings/ui/issues/87",
    },
  ],
  [
    330,
    {
      source: "orders",
      topic: "payments",
      title: "Refund of 49.90 € was cancelled",
      body: "",
      read: true,
      retracted_at: 1,
    },
  ],
  [
    24 * 60 + 40,
    {
      source: "household",
      topic: "door",
      title: "Parcel left with the neighbours",
      body: "Second floor, left.",
      read: true,
    },
  ],
  [
    24 * 60 + 180,
    {
      source: "forge",
      topic: "tidings/api",
      title: "Merged: Say why there was no popup",
      body: "By Amara Osei into main.",
      actor: "Amara Osei",
      read: true,
    },
  ],
  [
    24 * 60 + 320,
    {
      source: "monitoring",
      topic: "db-replica",
      title: "Replica is 40 s behind",
      body: "Recovered by itself after 3 minutes.",
      read: true,
      occurrences: 2,
    },
  ],
  [
    50 * 60,
    {
      source: "orders",
      topic: "stock",
      title: "Delivery from the joinery has arrived",
      body: "120 × Walnut desk organiser, 40 × Oak tray.",
      read: true,
    },
  ],
];

export function sampleDay(freshId: () => number, now: number): Row[] {
  const oldestFirst = [...DAY].reverse().map(([minutes, given]) => {
    const at = now - minutes * MINUTE;
    const row = sampleRow(freshId(), { ...given, last_at: at }, now);
    row.first_at = given.first_at ? now - given.first_at : at;
    row.saved_at = given.saved_at ? at : null;
    row.retracted_at = given.retracted_at ? at : null;
    return row;
  });
  const later = [
    sampleRow(
      freshId(),
      {
        source: "forge",
        topic: "tidings/ui",
        title: "Release notes are waiting for you",
        body: "Due on Monday.",
        last_at: now - 30 * HOUR,
        snoozed_until: now + 20 * HOUR,
      },
      now,
    ),
    sampleRow(
      freshId(),
      {
        source: "household",
        topic: "door",
        title: "The door was opened",
        last_at: now - 9 * HOUR,
        read: true,
        done_at: now - 8 * HOUR,
      },
      now,
    ),
  ];
  return [...oldestFirst, ...later].sort((a, b) => b.last_at - a.last_at || b.id - a.id);
}

/** As many as wanted, one a minute, always the same ones. */
export function manyRows(count: number, freshId: () => number, now: number): Row[] {
  const sources = ["orders", "forge", "monitoring", "household"];
  const urgencies: Urgency[] = ["normal", "normal", "low", "high", "normal", "critical"];
  const rows: Row[] = [];
  for (let at = count; at > 0; at -= 1) {
    const id = freshId();
    rows.push(
      sampleRow(
        id,
        {
          source: sources[id % sources.length]!,
          topic: `topic ${id % 7}`,
          title: `Number ${id} of many`,
          body: `What row ${id} has to say, in one line.`,
          urgency: urgencies[id % urgencies.length]!,
          read: id % 3 === 0,
          last_at: now - at * MINUTE,
        },
        now,
      ),
    );
  }
  return rows.reverse();
}

/** What a hostile sender may send: none of it may do anything but be read. */
export const HOSTILE: Partial<Row>[] = [
  {
    title: '<img src=x onerror="window.broken = true">',
    body: '<script>window.broken = true</script>**bold** <a href="javascript:window.broken=true">here</a>',
    source: '"><b>source</b>',
    topic: "<i>topic</i>",
  },
  {
    title: "[click](javascript:window.broken=true)",
    body: "# Head\n\n[bank.example](https://evil.example/) ![pixel](https://evil.example/pixel.png) [x](data:text/html,hello)",
    url: "javascript:window.broken=true",
    actions: [{ id: "a", label: "Open bank.example", url: "file:///etc/passwd" }],
  },
  {
    title: "\u202Egnp.exe\u2066 turned around",
    body: "\u0000\u0007 controls, and " + "a".repeat(20_000),
    data: "{not json",
    tags: ["<u>tag</u>", ""],
    actor: "A\nB",
  },
  { title: "", body: "", topic: "x".repeat(500), source: "y".repeat(200) },
];
