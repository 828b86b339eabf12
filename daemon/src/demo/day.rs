use std::collections::BTreeSet;
use std::time::Duration;

use tidings_api::Urgency;

/// What the demo's server has and does. Plain data: a test plays a shorter day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// What is on the server before anyone connects.
    pub earlier: Vec<Earlier>,
    /// What happens then, in order.
    pub scenes: Vec<Scene>,
}

/// A notification from before the first connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// How long ago it was sent.
    pub age: Duration,
    /// Whether it was read on the server.
    pub read: bool,
    /// Its content.
    pub note: Note,
}

/// A notification that the server sends while the client is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// How long after the scene before.
    pub pause: Duration,
    /// What happens to its frame.
    pub frames: Frames,
    /// Its content.
    pub note: Note,
}

/// What a person wrote or a machine noticed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// Which part of the company.
    pub topic: &'static str,
    /// How much it wants to interrupt.
    pub urgency: Urgency,
    /// Identity of something that evolves: the same key again updates the same notification.
    pub key: &'static str,
    /// One line.
    pub title: &'static str,
    /// The text.
    pub body: &'static str,
}

/// How many frames tell of a row. A real server loses some; the list is the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frames {
    /// None: only the list has it.
    Lost,
    /// The rule.
    One,
}

impl Frames {
    pub(super) const fn count(self) -> usize {
        match self {
            Self::Lost => 0,
            Self::One => 1,
        }
    }
}

impl Day {
    /// How many notifications the inbox has in the end: versions of one that evolves are one.
    #[must_use]
    pub fn total(&self) -> usize {
        let mut keys = BTreeSet::new();
        let counts = |note: &&Note| note.key.is_empty() || keys.insert(note.key);
        let earlier = self.earlier.iter().map(|earlier| &earlier.note);
        earlier.chain(self.scenes.iter().map(|scene| &scene.note)).filter(counts).count()
    }

    /// A day at a small company, in about ten seconds: builds, backups, orders and colleagues.
    #[must_use]
    pub fn believable() -> Self {
        Self {
            earlier: vec![
                earlier(16, true, BACKUPS, "db1 finished", "41 GB in 12 min, verified"),
                earlier(15, true, CHAT, "Ana: see you tomorrow!", "The slides are in the folder."),
                earlier(
                    9,
                    false,
                    CERTIFICATES,
                    "shop.example.org expires in 14 days",
                    "It was not renewed by itself: look at the DNS challenge.",
                ),
            ],
            scenes: vec![
                scene(400, BACKUPS, "db1 finished", "42 GB in 13 min, verified"),
                scene(500, CI, "main is green", "412 tests in 3 min 20 s, commit 5f1c2e9 by Ana"),
                scene(450, ORDERS, "Order 20417", "2 x espresso cups, 38.00 EUR, express delivery"),
                scene(
                    300,
                    CHAT,
                    "Ana: good morning ☕",
                    "Stand-up in ten minutes, today in the small room.",
                ),
                scene(
                    600,
                    CI,
                    "main is red",
                    "test_checkout_total: expected 38.00, got 38.0000001",
                )
                .urgent(Urgency::High),
                scene(350, CHAT, "Luis: that was me, sorry", "The fix is on its way."),
                // A nightly job that writes rows and tells nobody: the next look at the list finds it.
                scene(350, ORDERS, "Stock low: espresso cups", "3 left, reorder point is 10")
                    .with(Frames::Lost),
                scene(200, BACKUPS, "Offsite copy", "40 % of 310 GB").keyed(OFFSITE),
                scene(300, ORDERS, "Order 20418", "1 x grinder, 219.00 EUR"),
                scene(450, CI, "main is green", "413 tests in 3 min 24 s, commit 88aa01d by Luis"),
                scene(400, CI, "Deployed to production", "shop 2.14.1, all health checks pass"),
                scene(
                    600,
                    MONITORING,
                    "Payment provider answers slowly",
                    "p95 is 4.2 s since 11:42; checkout still works",
                )
                .urgent(Urgency::High),
                scene(200, BACKUPS, "Offsite copy", "85 % of 310 GB").keyed(OFFSITE),
                scene(150, CHAT, "Ana: lunch?", "The place on the corner has soup."),
                scene(300, CHAT, "Luis: yes! 🍲", "Give me five minutes."),
                scene(
                    600,
                    MONITORING,
                    "Payment provider is back to normal",
                    "p95 is 310 ms. It took 17 minutes; no order was lost.",
                ),
                scene(250, BACKUPS, "Offsite copy finished", "310 GB in 5 h, verified")
                    .keyed(OFFSITE),
                scene(200, ORDERS, "Order 20419", "6 x filter paper, 17.40 EUR"),
                scene(300, ORDERS, "Order 20420", "1 x grinder, 219.00 EUR"),
                scene(
                    450,
                    CHAT,
                    "Marta on pull request 318",
                    "Could <Total> round here instead? Then & only then it is one place.",
                ),
                scene(500, CI, "Handbook built", "86 pages, no broken links").urgent(Urgency::Low),
                scene(
                    450,
                    MONITORING,
                    "Disk of db1 is 92 % full",
                    "/var/lib/postgresql grows by 2 GB an hour",
                )
                .urgent(Urgency::Critical),
                scene(
                    450,
                    CHAT,
                    "Marta: looking into db1",
                    "Old WAL files: the archiver hangs since 14:05.",
                ),
                scene(
                    600,
                    MONITORING,
                    "Disk of db1 is fine again: 61 %",
                    "Archiver restarted, 58 GB freed",
                ),
                scene(
                    500,
                    CHAT,
                    "Ana: that's it for today 🎉",
                    "Green build, full stock, empty inbox. Thank you all!",
                ),
            ],
        }
    }
}

const BACKUPS: &str = "backups";
const CERTIFICATES: &str = "certificates";
const CHAT: &str = "chat";
const CI: &str = "ci";
const MONITORING: &str = "monitoring";
const ORDERS: &str = "orders";

/// The key of what changes through the day.
const OFFSITE: &str = "offsite-copy";

const fn earlier(
    hours: u64,
    read: bool,
    topic: &'static str,
    title: &'static str,
    body: &'static str,
) -> Earlier {
    let note = Note { topic, urgency: Urgency::Normal, key: "", title, body };
    Earlier { age: Duration::from_secs(hours * 3600), read, note }
}

const fn scene(pause: u64, topic: &'static str, title: &'static str, body: &'static str) -> Scene {
    let note = Note { topic, urgency: Urgency::Normal, key: "", title, body };
    Scene { pause: Duration::from_millis(pause), frames: Frames::One, note }
}

impl Scene {
    const fn urgent(mut self, urgency: Urgency) -> Self {
        self.note.urgency = urgency;
        self
    }

    const fn keyed(mut self, key: &'static str) -> Self {
        self.note.key = key;
        self
    }

    const fn with(mut self, frames: Frames) -> Self {
        self.frames = frames;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_shows_the_hard_cases_and_takes_about_ten_seconds() {
        let day = Day::believable();
        let takes: Duration = day.scenes.iter().map(|scene| scene.pause).sum();
        assert!((8..=12).contains(&takes.as_secs()), "a newcomer waits that long: {takes:?}");
        assert!(day.total() > 20, "more than one page of the list");
        let last = day.scenes.last().expect("scenes");
        assert_ne!(
            last.frames,
            Frames::Lost,
            "a later frame must lead to the row whose frame was lost"
        );
        assert!(
            day.scenes.iter().any(|scene| scene.frames == Frames::Lost),
            "what a frame did not bring, the list does"
        );
        let versions = day.scenes.iter().filter(|scene| scene.note.key == OFFSITE).count();
        assert_eq!(day.total(), day.earlier.len() + day.scenes.len() - versions + 1);
        for urgency in Urgency::ALL {
            assert!(day.scenes.iter().any(|scene| scene.note.urgency == urgency), "{urgency}");
        }
    }
}
