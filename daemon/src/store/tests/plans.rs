//! No list and no search may scan or sort, whatever the statistics say.

use rusqlite::{Connection, params_from_iter};
use tidings_api::{Filter, Urgency, View};

use super::fixture::{Fixture, NOW};
use crate::model::NotificationId;
use crate::store::cursor::Cursor;
use crate::store::query::Query;

fn plan(conn: &Connection, sql: &str, values: Vec<rusqlite::types::Value>) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("prepares");
    let steps = statement.query_map(params_from_iter(values), |row| row.get("detail"));
    steps.expect("explains").collect::<rusqlite::Result<_>>().expect("reads")
}

/// Every view with every field that leads to an index, and those that are only checked row by row.
fn filters() -> Vec<Filter> {
    let text = |text: &str| Some(text.to_owned());
    let fields = [
        Filter::default(),
        Filter { source: text("shop"), ..Filter::default() },
        Filter { topic: text("builds"), ..Filter::default() },
        Filter { topic: text(""), ..Filter::default() },
        Filter { key: text("k"), ..Filter::default() },
        Filter { key: text(""), ..Filter::default() },
        Filter { source: text("shop"), topic: text("builds"), key: text("k"), ..Filter::default() },
        Filter { min_urgency: Some(Urgency::Low), ..Filter::default() },
        Filter { min_urgency: Some(Urgency::High), ..Filter::default() },
        Filter { min_urgency: Some(Urgency::Critical), source: text("shop"), ..Filter::default() },
        Filter { tag: text("ci"), ..Filter::default() },
        Filter { since: Some(1), until: Some(9), ..Filter::default() },
    ];
    let views = View::ALL.into_iter();
    let listed = views.flat_map(|view| fields.clone().map(|filter| Filter { view, ..filter }));
    listed
        .flat_map(|filter| [filter.clone(), Filter { text: text("some words"), ..filter }])
        .collect()
}

#[tokio::test]
async fn no_list_or_search_scans_or_sorts() {
    let fixture = Fixture::new();
    let conn = Connection::open(fixture.folder.path().join("inbox.db")).expect("opens");
    for filter in filters() {
        let later = Cursor::after(&filter, NOW, NotificationId(5));
        for cursor in [Cursor::Start, later] {
            for query in Query::behind(&filter, cursor) {
                let (sql, values) = query.up_to(NotificationId(9)).page("n.*", 50);
                for step in plan(&conn, &sql, values) {
                    assert!(!step.contains("TEMP B-TREE"), "sorts: {filter:?}\n{step}");
                    // A partial index read from its end is a scan of that index alone, in order.
                    let scans = step.starts_with("SCAN n") && !step.contains("USING INDEX");
                    assert!(!scans, "scans: {filter:?}\n{step}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_later_page_starts_at_its_key() {
    let fixture = Fixture::new();
    let conn = Connection::open(fixture.folder.path().join("inbox.db")).expect("opens");
    for filter in filters() {
        let cursor = Cursor::after(&filter, NOW, NotificationId(5));
        for query in Query::behind(&filter, cursor) {
            let (sql, values) = query.page("n.*", 50);
            let steps = plan(&conn, &sql, values);
            let at_key = |step: &String| match &filter.text {
                Some(_) => step.contains("VIRTUAL TABLE INDEX") && step.contains('<'),
                None => step.starts_with("SEARCH n") && step.contains("last_at"),
            };
            assert!(steps.iter().any(at_key), "{filter:?}\n{steps:#?}");
            let same_moment = sql.contains("n.last_at = ?");
            let exact = steps.iter().any(|step| step.contains("last_at=? AND rowid<?"));
            assert!(!same_moment || exact, "{filter:?}\n{steps:#?}");
        }
    }
}
