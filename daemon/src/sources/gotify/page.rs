use serde_json::Value;

use crate::sources::gotify::message::Message;

/// Messages of one page: as many as the server gives at most.
pub(super) const LIMIT: usize = 200;

/// Bytes of a page that are read. Of what is larger a part is asked for, down to one message, which is then passed over.
pub(super) const LARGEST: usize = 8 * 1024 * 1024;

/// One page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// The newest first, each once.
    pub(super) messages: Vec<Message>,
    /// Whether every entry could be read and belongs here. What does not may stand for any message, so none counts as missing.
    pub(super) sound: bool,
    /// Whether older messages may follow.
    pub(super) more: bool,
    /// In the place of all: the message that is too large to be read. It is there, which is all that is known of it.
    pub(super) passed: Option<u64>,
}

impl Page {
    /// Reads the answer to a question for so many ids lower than `since`, 0 = for the newest. `None` = it is no list.
    ///
    /// Of `paging.next` only its presence counts: it was an absolute address up to version 2 and is a path since 3.
    pub(super) fn read(answer: &Value, since: u64, limit: usize) -> Option<Self> {
        let entries = answer.get("messages")?.as_array()?;
        // More than was asked for is asked for again: a page is what is held in memory.
        let read = entries.iter().take(limit).filter_map(Message::read);
        let mut messages: Vec<Message> = read.collect();
        messages.retain(|message| since == 0 || message.id < since);
        let sound = messages.len() == entries.len();
        messages.sort_by_key(|message| std::cmp::Reverse(message.id));
        messages.dedup_by_key(|message| message.id);
        let next = answer.get("paging").and_then(|paging| paging.get("next")?.as_str());
        let more = entries.len() >= limit || next.is_some_and(|next| !next.is_empty());
        Some(Self { messages, sound, more, passed: None })
    }

    /// The page in the place of one message that is too large, by how the answer with it alone begins: the server writes the id
    /// before everything else of a message. `None` = it does not say which one it is.
    pub(super) fn passing(beginning: &[u8], since: u64) -> Option<Self> {
        const LOOKED_AT: usize = 4 * 1024;
        let beginning = &beginning[..beginning.len().min(LOOKED_AT)];
        let text: String = beginning
            .iter()
            .filter(|byte| !byte.is_ascii_whitespace())
            .map(|&byte| char::from(byte))
            .collect();
        let (_, message) = text.split_once("\"messages\":[{\"id\":")?;
        let id = message.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        let belongs = since == 0 || id < since;
        belongs.then(|| Self { sound: true, more: true, passed: Some(id), ..Self::default() })
    }

    /// Where the next page begins; `None` = this one has nothing that is lower than the one before.
    pub(super) fn lowest(&self) -> Option<u64> {
        self.messages.last().map(|message| message.id).or(self.passed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_more_is_taken_than_was_asked_for_and_the_rest_follows() {
        let answer = json!({"messages": [{"id": 9}, {"id": 8}, {"id": 7}]});
        let page = Page::read(&answer, 0, 2).unwrap();
        assert_eq!(page.messages.iter().map(|message| message.id).collect::<Vec<_>>(), [9, 8]);
        assert!(page.more && !page.sound, "what was not looked at is not missing");
    }

    #[test]
    fn message_that_is_too_large_is_known_by_how_the_answer_begins() {
        let id = |beginning: &str, since| {
            Page::passing(beginning.as_bytes(), since).and_then(|page| page.lowest())
        };
        let answer =
            "{\"paging\":{\"since\":7,\"limit\":1},\"messages\":[{\"id\":7,\"message\":\"xx";
        assert_eq!((id(answer, 0), id(answer, 8)), (Some(7), Some(7)));
        assert_eq!(id(answer, 7), None, "asking on from there would never end");
        assert_eq!(id("{\"messages\": [ {\"id\": 7, \"a", 0), Some(7));
        for other in ["", "{", "{\"messages\":[{\"id\":", "{\"messages\":[{\"message\":\"x"] {
            assert_eq!(id(other, 0), None, "{other}");
        }
    }
}
