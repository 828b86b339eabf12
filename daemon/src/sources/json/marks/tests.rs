use proptest::prelude::*;

use super::*;
use crate::model::{Incoming, NotificationId};
use crate::sources::json::list::Coverage;
use crate::sources::json::mapping::Row;

fn mark(id: i64, read: bool) -> PendingMark {
    let (id, remote_id) = (NotificationId(id), id.to_string());
    PendingMark { id, remote_id, key: String::new(), read, attempts: 0 }
}

fn listed(id: i64, read: bool) -> Row {
    Row { id: id.to_string(), read: Some(read), incoming: Incoming::default() }
}

fn sent(id: i64, accepted: bool) -> Sent {
    Sent { mark: mark(id, true), accepted }
}

#[test]
fn list_decides_whether_a_mark_worked_whatever_the_answer_was() {
    let walk = Walk { rows: vec![listed(1, true), listed(2, false)], ..Walk::default() };
    let verdict =
        verify(vec![sent(1, false), sent(2, true), sent(3, true), sent(4, false)], &walk, false);
    assert_eq!(
        verdict.confirmed,
        [mark(1, true), mark(3, true)],
        "500 after success, and a row beyond the pages"
    );
    assert_eq!(
        verdict.again,
        [mark(2, true), mark(4, true)],
        "200 without effect, and an error nobody can judge"
    );
}

#[test]
fn row_gone_from_a_list_of_unread_rows_has_been_marked() {
    let walk = Walk { coverage: Coverage::Everything, ..Walk::default() };
    assert_eq!(verify(vec![sent(1, false)], &walk, true).confirmed, [mark(1, true)]);
    let unread = Sent { mark: mark(1, false), accepted: true };
    assert_eq!(verify(vec![unread], &walk, true).again, [mark(1, false)], "it would be listed");
}

#[test]
fn ids_are_sent_as_what_they_are() {
    assert_eq!(json_id("17"), json!(17));
    for text in ["5f2b", "007", "+7", "99999999999999999999"] {
        assert_eq!(json_id(text), json!(text));
    }
}

proptest! {
    #[test]
    fn chunks_hold_every_mark_once_and_are_never_empty_or_too_large(count in 0_i64..1_300, size in 0_usize..2_000) {
        let marks: Vec<_> = (0..count).map(|id| mark(id, true)).collect();
        let chunks = Chunk::cut(marks.clone(), size);
        for chunk in &chunks {
            let length = chunk.marks().count();
            prop_assert!((1..=MARK_CHUNK_MAX).contains(&length), "{}", length);
            prop_assert!(length <= size.max(1));
        }
        let joined: Vec<_> = chunks.iter().flat_map(Chunk::marks).cloned().collect();
        prop_assert_eq!(joined, marks);
    }
}
