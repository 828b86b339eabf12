use std::time::Duration;

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
    /// The text as the server has it.
    pub text: &'static str,
}

/// A notification that the server sends while the client is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// How long after the scene before.
    pub pause: Duration,
    /// What happens to its frame.
    pub frames: Frames,
    /// The text as the server has it: the first line is the title.
    pub text: &'static str,
}

/// How many frames tell of a row. A real server loses and doubles them too; the list is the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frames {
    /// None: only the list has it.
    Lost,
    /// The rule.
    One,
    /// The same text twice, for one row.
    Doubled,
}

impl Frames {
    pub(super) const fn count(self) -> usize {
        match self {
            Self::Lost => 0,
            Self::One => 1,
            Self::Doubled => 2,
        }
    }
}

impl Day {
    /// How many notifications the day has in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.earlier.len() + self.scenes.len()
    }

    /// A day at a small company, in about ten seconds: builds, backups, orders and colleagues.
    #[must_use]
    pub fn believable() -> Self {
        Self { earlier: EARLIER.map(earlier).to_vec(), scenes: SCENES.map(scene).to_vec() }
    }
}

/// Hours ago, read, text.
const EARLIER: [(u64, bool, &str); 3] = [
    (16, true, "Backup of db1 finished\n41 GB in 12 min, verified"),
    (15, true, "Ana: See you tomorrow!\nThe slides are in the shared folder."),
    (
        9,
        false,
        "Certificate of shop.example.org expires in 14 days\nIt was not renewed by itself: look at the DNS challenge.",
    ),
];

use Frames::{Doubled, Lost, One};

/// Milliseconds since the scene before, frames, text.
const SCENES: [(u64, Frames, &str); 22] = [
    (400, One, "Backup of db1 finished\n42 GB in 13 min, verified"),
    (500, One, "CI: main is green\n412 tests in 3 min 20 s, commit 5f1c2e9 by Ana"),
    (450, One, "New order 20417\n2 x espresso cups, 38.00 EUR, express delivery"),
    (300, One, "Ana: Good morning ☕\nStand-up in ten minutes, today in the small room."),
    (600, One, "CI: main is red\ntest_checkout_total failed: expected 38.00, got 38.0000001"),
    (350, One, "Luis: that was me, sorry\nFix is on its way."),
    // Rows like this one are written by a nightly job that tells nobody: the next frame's look at the list finds it.
    (350, Lost, "Stock low: espresso cups\n3 left, reorder point is 10"),
    (500, One, "New order 20418\n1 x grinder, 219.00 EUR"),
    (450, One, "CI: main is green\n413 tests in 3 min 24 s, commit 88aa01d by Luis"),
    (400, Doubled, "Deployed to production\nshop 2.14.1, all health checks pass"),
    (
        600,
        One,
        "URGENT: payment provider answers slowly\np95 is 4.2 s since 11:42; checkout still works",
    ),
    (350, One, "Ana: lunch?\nThe place on the corner has soup."),
    (300, One, "Luis: yes! 🍲\nGive me five minutes."),
    (
        600,
        One,
        "Payment provider is back to normal\np95 is 310 ms. It took 17 minutes; 0 orders were lost.",
    ),
    (450, One, "New order 20419\n6 x filter paper, 17.40 EUR"),
    (300, One, "New order 20420\n1 x grinder, 219.00 EUR"),
    (
        450,
        One,
        "Comment on your pull request #318\nMarta: could <Total> round here instead? Then & only then it is one place.",
    ),
    (500, One, "Build of the handbook finished\n86 pages, no broken links"),
    (450, One, "URGENT: disk of db1 is 92 % full\n/var/lib/postgresql grows by 2 GB an hour"),
    (450, One, "Marta: looking into db1\nOld WAL files: the archiver hung since 14:05."),
    (600, One, "Disk of db1 is fine again: 61 %\nArchiver restarted, 58 GB freed"),
    (500, One, "Ana: that's it for today 🎉\nThank you all. Green build, full stock, empty inbox?"),
];

const fn earlier((hours, read, text): (u64, bool, &'static str)) -> Earlier {
    Earlier { age: Duration::from_secs(hours * 3600), read, text }
}

const fn scene((pause, frames, text): (u64, Frames, &'static str)) -> Scene {
    Scene { pause: Duration::from_millis(pause), frames, text }
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
        assert_ne!(last.frames, Lost, "a later frame must lead to the row whose frame was lost");
        for frames in [Lost, Doubled] {
            assert!(day.scenes.iter().any(|scene| scene.frames == frames), "{frames:?} is shown");
        }
    }
}
