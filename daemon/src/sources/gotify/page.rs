use serde_json::Value;

use crate::sources::gotify::message::Message;

/// Messages of one page: as many as the server gives at most.
pub(super) const LIMIT: usize = 200;

/// One page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// The newest first, each once.
    pub(super) messages: Vec<Message>,
    /// Whether every entry could be read and belongs here. What does not may stand for any message, so none counts as missing.
    pub(super) sound: bool,
    /// Whether older messages may follow.
    pub(super) more: bool,
}

impl Page {
    /// Reads the answer to a question for ids lower than `since`, 0 = for the newest. `None` = it is no list.
    ///
    /// Of `paging.next` only its presence counts: it was an absolute address up to version 2 and is a path since 3.
    pub(super) fn read(answer: &Value, since: u64) -> Option<Self> {
        let entries = answer.get("messages")?.as_array()?;
        let mut messages: Vec<Message> = entries.iter().filter_map(Message::read).collect();
        messages.retain(|message| since == 0 || message.id < since);
        let sound = messages.len() == entries.len();
        messages.sort_by_key(|message| std::cmp::Reverse(message.id));
        messages.dedup_by_key(|message| message.id);
        let next = answer.get("paging").and_then(|paging| paging.get("next")?.as_str());
        let more = entries.len() >= LIMIT || next.is_some_and(|next| !next.is_empty());
        Some(Self { messages, sound, more })
    }

    /// Where the next page begins; `None` = this one has nothing that is lower than the one before.
    pub(super) fn lowest(&self) -> Option<u64> {
        self.messages.last().map(|message| message.id)
    }
}
