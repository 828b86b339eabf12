use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};
use tidings_api::Millis;

use super::day::Note;

/// Rows on one page of the list, as in the server that is imitated.
const PAGE_SIZE: usize = 20;

/// One row of the server's table.
#[derive(Clone, Debug)]
struct Row {
    id: u64,
    note: Note,
    read: bool,
    at: Millis,
}

/// What the demo's server knows: its table, and who has looked at it. No time and no network in here.
#[derive(Debug, Default)]
pub(super) struct Board {
    /// Oldest first, so that the id of a row is its place plus one.
    rows: Vec<Row>,
    /// Open WebSockets.
    sockets: usize,
    /// How many rows there were when the first page was last read.
    listed: Option<usize>,
}

impl Board {
    /// Inserts a row and answers its id.
    pub(super) fn add(&mut self, note: Note, read: bool, at: Millis) -> u64 {
        let id = self.rows.len() as u64 + 1;
        self.rows.push(Row { id, note, read, at });
        id
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn socket_opened(&mut self) {
        self.sockets += 1;
    }

    pub(super) fn socket_closed(&mut self) {
        self.sockets = self.sockets.saturating_sub(1);
    }

    /// Somebody is connected and has caught up with what was there before.
    pub(super) fn has_reader(&self) -> bool {
        self.sockets > 0 && self.listed.is_some()
    }

    /// Somebody has read the list since there were `rows` rows.
    pub(super) fn was_listed_with(&self, rows: usize) -> bool {
        self.listed.is_some_and(|listed| listed >= rows)
    }

    /// The answer to `GET …/list/?page=N`, newest first. A page beyond the end is the last one again, and
    /// what is not a number is the first: `Paginator.get_page` answers so.
    pub(super) fn page(&mut self, page: Option<&str>) -> Value {
        let pages = self.rows.len().div_ceil(PAGE_SIZE).max(1);
        let page = page.and_then(|page| page.parse::<usize>().ok()).unwrap_or(1);
        let page = if (1..=pages).contains(&page) { page } else { pages };
        if page == 1 {
            self.listed = Some(self.rows.len());
        }
        let rows: Vec<Value> = self
            .rows
            .iter()
            .rev()
            .skip((page - 1) * PAGE_SIZE)
            .take(PAGE_SIZE)
            .map(Row::listed)
            .collect();
        json!({ "notifications": rows, "unread_count": self.unread() })
    }

    /// The effect of `POST …/mark-read/`. Without ids it means all rows: the protocol says so, and a client
    /// that trusts in "nothing to mark" marks everything.
    pub(super) fn mark_read(&mut self, ids: &[u64]) {
        for row in &mut self.rows {
            if ids.is_empty() || ids.contains(&row.id) {
                row.read = true;
            }
        }
    }

    fn unread(&self) -> usize {
        self.rows.iter().filter(|row| !row.read).count()
    }
}

impl Row {
    fn listed(&self) -> Value {
        let sent = DateTime::from_timestamp_millis(self.at)
            .map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
        let mut row = content(&self.note);
        row["id"] = json!(self.id);
        row["leida"] = json!(self.read);
        row["fecha"] = json!(sent);
        row
    }
}

/// A frame: no identity, no time, no read flag. Only what evolves says which row of the list it is.
pub(super) fn frame(id: u64, note: &Note) -> Value {
    let mut message = content(note);
    if !note.key.is_empty() {
        message["id"] = json!(id);
    }
    json!({ "message": message })
}

fn content(note: &Note) -> Value {
    let mut content = json!({
        "titulo": note.title,
        "mensaje": note.body,
        "tema": note.topic,
        "urgencia": note.urgency.as_str(),
    });
    if !note.key.is_empty() {
        content["clave"] = json!(note.key);
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board_of(rows: Millis) -> Board {
        let mut board = Board::default();
        for n in 0..rows {
            board.add(Note::default(), false, 1_700_000_000_000 + n);
        }
        board
    }

    fn ids(answer: &Value) -> Vec<u64> {
        answer["notifications"]
            .as_array()
            .expect("a list of notifications")
            .iter()
            .filter_map(|row| row["id"].as_u64())
            .collect()
    }

    #[test]
    fn pages_are_newest_first_and_the_last_page_repeats() {
        let mut board = board_of(25);
        assert_eq!(ids(&board.page(None)), (6..=25).rev().collect::<Vec<_>>());
        let last: Vec<u64> = (1..=5).rev().collect();
        assert_eq!(ids(&board.page(Some("2"))), last);
        assert_eq!(ids(&board.page(Some("999"))), last, "as Django's paginator answers");
    }

    #[test]
    fn an_empty_table_has_one_empty_page() {
        let answer = Board::default().page(Some("1"));
        assert_eq!(ids(&answer), Vec::<u64>::new());
        assert_eq!(answer["unread_count"], 0);
    }

    #[test]
    fn a_frame_says_which_row_it_is_only_where_the_row_evolves() {
        let plain = frame(7, &Note { title: "t", ..Note::default() });
        assert_eq!(plain["message"]["id"], Value::Null);
        let evolving = frame(7, &Note { key: "k", ..Note::default() });
        assert_eq!(
            (&evolving["message"]["id"], &evolving["message"]["clave"]),
            (&json!(7), &json!("k"))
        );
    }

    #[test]
    fn only_the_named_rows_are_marked() {
        let mut board = board_of(3);
        board.mark_read(&[2, 77]);
        let answer = board.page(None);
        assert_eq!(answer["unread_count"], 2, "an id that does not exist is no error");
        assert_eq!(answer["notifications"][1]["leida"], true);
    }

    #[test]
    fn only_the_first_page_counts_as_caught_up() {
        let mut board = board_of(25);
        board.page(Some("2"));
        assert!(!board.was_listed_with(25), "new rows stand on page one");
        board.page(Some("1"));
        assert!(board.was_listed_with(25));
        board.add(Note::default(), false, 0);
        assert!(!board.was_listed_with(26), "the list was read before the row was there");
    }
}
