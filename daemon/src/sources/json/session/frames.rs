//! What a frame means for the inbox and for the next look at the list. Pure.

use tidings_api::Millis;

use crate::model::{Event, Incoming};
use crate::sources::json::mapping::Frame;
use crate::sources::json::matching::{Text, titles_agree};
use crate::sources::json::profile::Profile;

/// A frame may be this much later than its row in the list; a channel layer keeps messages for 60 s at most.
const LATE: Millis = 60_000;

/// What follows from a frame.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Noted {
    /// To be stored at once.
    pub(super) event: Option<Event>,
    /// The list has something to say about it.
    pub(super) ask_list: bool,
}

/// Rows that the list showed before their frame came. Such a frame must not raise a second popup, so each of these
/// rows swallows one frame of its text. Should that frame have been another's, the list that is asked after every
/// frame brings the other row a moment later.
#[derive(Debug, Default)]
pub(super) struct Announcements(Vec<(Incoming, Millis)>);

impl Announcements {
    /// Frames for these rows may still come.
    pub(super) fn expect(&mut self, rows: Vec<Incoming>, now: Millis) {
        self.0.retain(|(_, until)| *until > now);
        self.0.extend(rows.into_iter().map(|row| (row, now.saturating_add(LATE))));
    }

    fn swallow(&mut self, frame: &Incoming, now: Millis) -> bool {
        let wanted = text(frame);
        let found = self.0.iter().position(|(row, until)| {
            let row = text(row);
            *until > now
                && row.essence() == wanted.essence()
                && titles_agree(row.title, wanted.title)
        });
        found.map(|index| self.0.remove(index)).is_some()
    }
}

/// Reads a frame.
pub(super) fn read(
    profile: &Profile,
    bytes: &[u8],
    now: Millis,
    has_list: bool,
    announcements: &mut Announcements,
) -> Noted {
    match profile.mapping.frame(bytes, now) {
        Frame::Ignored => Noted::default(),
        Frame::Count(_) | Frame::Hint | Frame::Undecodable => Noted { event: None, ask_list: true },
        Frame::Notification(incoming) if announcements.swallow(&incoming, now) => {
            Noted { event: None, ask_list: true }
        }
        Frame::Notification(mut incoming) => {
            // Without a list nobody would ever confirm it.
            incoming.provisional &= has_list;
            Noted { event: Some(Event::Upsert(incoming)), ask_list: true }
        }
    }
}

fn text(incoming: &Incoming) -> Text<'_> {
    Text { title: &incoming.title, body: &incoming.body, at: None }
}
