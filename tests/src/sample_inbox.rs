//! An inbox that is good to look at: a month of a small shop, with a day at its end that people would recognise.

use std::io::{Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;

use anyhow::{Context, Result, ensure};
use tidings_api::{Notification, Urgency, names};

use crate::session::Session;
use crate::tidingsd::Tidingsd;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// As far as the statistics look back.
const DAYS: i64 = 30;

/// Where the notifications come from; the sources of a test that shows them all have these names.
pub const SOURCES: [&str; 3] = ["forge", "monitoring", "shop"];

/// The title of the notification that has everything one can have.
pub const RICHEST: &str = "Order 20417 is paid: 1,204.00 €";

/// Fills the inbox as an import does, and then lets the last one arrive.
pub async fn fill(session: &Session, daemon: &Tidingsd, now: i64) -> Result<()> {
    let mut file = tempfile::tempfile()?;
    for row in history(now).into_iter().chain(today(now)) {
        serde_json::to_writer(&mut file, &row)?;
        file.write_all(b"\n")?;
    }
    file.seek(SeekFrom::Start(0))?;
    daemon.control().await?.import(OwnedFd::from(file).into()).await.context("importing")?;
    post_richest(session).await
}

/// What recurs: source, topic, title, body, and on how many of ten days it comes in an hour of work.
const RECURRING: [(&str, &str, &str, &str, i64); 8] = [
    ("forge", "web", "main is green", "412 tests in 3 min 20 s", 7),
    ("forge", "web", "Review requested", "4 files changed, 82 additions, 17 deletions", 3),
    ("forge", "handbook", "Handbook built", "86 pages, no broken links", 1),
    ("monitoring", "db1", "Slow queries on db1", "p95 is 480 ms since a quarter of an hour", 2),
    ("monitoring", "web", "web2 restarted", "It was out of memory and is back", 1),
    ("shop", "orders", "New order", "2 × espresso cups, express delivery", 8),
    ("shop", "stock", "Stock low: filter paper", "9 left, the reorder point is 20", 2),
    ("local", "backups", "Backup finished", "42 GB in 12 minutes, verified", 1),
];

/// The days before yesterday, all dealt with: fewer at the weekend, and most in the morning.
fn history(now: i64) -> Vec<Notification> {
    let mut rows = Vec::new();
    for (day, hour) in (2..DAYS).flat_map(|day| (0..24).map(move |hour| (day, hour))) {
        let midnight = now - now.rem_euclid(DAY) - day * DAY;
        for (which, (source, topic, title, body, often)) in (0..).zip(RECURRING) {
            // Not random, so that every picture is the same; and not regular, which nobody would believe.
            let dice = ((day * 31 + hour * 17 + which * 53) * 2_654_435_761) >> 7;
            if dice.rem_euclid(100) >= often * busy(midnight, hour) {
                continue;
            }
            let at = midnight + hour * HOUR + dice.rem_euclid(60) * MINUTE;
            let read_at = at
                + match dice.rem_euclid(4) {
                    0 => MINUTE / 2,
                    1 => 4 * MINUTE,
                    2 => 25 * MINUTE,
                    _ => 5 * HOUR,
                };
            let row = arrived(source, topic, title, body, at, Some(read_at));
            rows.push(Notification { done_at: Some(read_at + MINUTE), ..row });
        }
    }
    rows
}

fn busy(midnight: i64, hour: i64) -> i64 {
    // Days since a Thursday.
    let weekend = matches!((midnight / DAY).rem_euclid(7), 2 | 3);
    match hour {
        8..=11 if !weekend => 10,
        13..=17 if !weekend => 7,
        12 | 18 if !weekend => 4,
        9..=21 => 2,
        _ => 0,
    }
}

/// Minutes ago, source, topic, title, body; unread while the minutes are few.
const TODAY: [(i64, &str, &str, &str, &str); 14] = [
    (
        6,
        "monitoring",
        "db1",
        "Disk of db1 is 92 % full",
        "/var/lib/postgresql grows by 2 GB an hour: it is full at about six.",
    ),
    (
        13,
        "forge",
        "web",
        "Review requested: Round totals in one place",
        "Marta asks for your review. 4 files changed, 82 additions, 17 deletions.",
    ),
    (31, "forge", "web", "main is green", "413 tests in 3 min 24 s, commit 88aa01d by Luis"),
    (52, "shop", "stock", "Stock low: espresso cups", "3 left, the reorder point is 10."),
    (75, "local", "backups", "Offsite copy", "264 of 310 GB, about half an hour to go"),
    (98, "shop", "orders", "Order 20416", "1 × grinder, 219.00 €"),
    (121, "forge", "web", "Deployed to production", "shop 2.14.1, all health checks pass"),
    (
        164,
        "monitoring",
        "payments",
        "Payment provider is back to normal",
        "p95 is 310 ms. It took 17 minutes; no order was lost.",
    ),
    (181, "monitoring", "payments", "Payment provider answers slowly", "p95 is 4.2 s since 11:42"),
    (230, "shop", "orders", "Order 20415", "6 × filter paper, 17.40 €"),
    (1_330, "forge", "handbook", "Handbook built", "86 pages, no broken links"),
    (1_390, "shop", "orders", "Order 20414", "2 × espresso cups, 38.00 €, express delivery"),
    (
        1_460,
        "monitoring",
        "certificates",
        "shop.example.org expires in 14 days",
        "It was not renewed by itself: look at the DNS challenge.",
    ),
    (1_520, "local", "backups", "Backup of db1 finished", "42 GB in 13 minutes, verified"),
];

fn today(now: i64) -> Vec<Notification> {
    let mut rows = Vec::new();
    for (ago, source, topic, title, body) in TODAY {
        let at = now - ago * MINUTE;
        let read_at = (ago > 60).then_some(at + 9 * MINUTE);
        let mut row = arrived(source, topic, title, body, at, read_at);
        match title {
            "Disk of db1 is 92 % full" => {
                row.urgency = Urgency::Critical;
                row.occurrences = 4;
                row.first_at = at - 3 * HOUR;
            }
            "Payment provider answers slowly" => row.urgency = Urgency::High,
            "Offsite copy" => row.progress = Some(85),
            "Deployed to production" => row.saved_at = Some(at + 10 * MINUTE),
            "Order 20415" => row.snoozed_until = Some(now + 20 * HOUR),
            _ => {}
        }
        rows.push(row);
    }
    rows
}

fn arrived(
    source: &str,
    topic: &str,
    title: &str,
    body: &str,
    at: i64,
    read_at: Option<i64>,
) -> Notification {
    Notification {
        source: source.into(),
        topic: topic.into(),
        title: title.into(),
        body: body.into(),
        read: read_at.is_some(),
        received_at: at,
        first_at: at,
        last_at: at,
        occurrences: 1,
        seen_at: read_at,
        read_at,
        ..Notification::default()
    }
}

/// As a script does it: the row tells which program has posted it, and that is not to be a test.
async fn post_richest(session: &Session) -> Result<()> {
    let mut command = session.command("busctl")?;
    command.args(["--user", "call", names::BUS_NAME, names::OBJECT_PATH, names::POST, "Post"]);
    command.args(["ssa{sv}", RICHEST, RICHEST_BODY]);
    let options: [(&str, &str, &[&str]); 9] = [
        ("topic", "s", &["orders"]),
        ("app", "s", &["order-watch"]),
        ("url", "s", &["https://shop.example.org/orders/20417"]),
        ("actions", "a(sss)", &RICHEST_ACTIONS),
        ("actor", "s", &["Lindqvist & Partner"]),
        ("verb", "s", &["paid"]),
        ("action_object", "s", &["order 20417"]),
        ("tags", "as", &["2", "vip", "eu"]),
        ("data", "s", &[r#"{"order":20417,"amount":{"value":1204,"currency":"EUR"}}"#]),
    ];
    command.arg(options.len().to_string());
    for (key, signature, values) in options {
        command.args([key, signature]).args(values);
    }
    let output = command.output().await.context("starting busctl")?;
    ensure!(output.status.success(), "busctl: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

const RICHEST_BODY: &str = "Lindqvist & Partner paid by bank transfer.\n\n\
    - 3 × walnut desk organiser\n- 1 × reading lamp\n\n\
    Ship it **today**: see [the packing list](https://shop.example.org/orders/20417).";

/// How many, and of each its id, its label and where it leads.
const RICHEST_ACTIONS: [&str; 7] = [
    "2",
    "pack",
    "Start packing",
    "",
    "invoice",
    "Invoice",
    "https://shop.example.org/invoices/20417",
];
