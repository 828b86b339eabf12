use tidings_api::{Filter, Inbox1Proxy, Row, View, limits};

use crate::exit::Failure;

/// The highest id that exists now: the bound of "all", and where `watch` starts.
///
/// The list is ordered by time, so a row that was stored late with an old time can have a higher
/// id than the whole first page. Ids grow by one, so doubling steps beyond the page find it.
pub(crate) async fn newest_id(inbox: &Inbox1Proxy<'_>) -> Result<i64, Failure> {
    let everything = Filter { view: View::All, ..Filter::default() };
    let (page, _, _) = inbox.list(everything.to_dict(), "", limits::PAGE).await?;
    let mut newest = highest(&page).unwrap_or(0);
    loop {
        match highest(&inbox.get(&probes(newest)).await?) {
            Some(id) if id > newest => newest = id,
            Some(_) | None => return Ok(newest),
        }
    }
}

fn highest(rows: &[Row]) -> Option<i64> {
    rows.iter().map(|Row(row)| row.id).max()
}

/// The next ids one by one, then in doubling steps; a few deleted rows do not end the search.
fn probes(from: i64) -> Vec<i64> {
    let near = 1..=64;
    let far = (7..=40).map(|power| 1_i64 << power);
    near.chain(far).filter_map(|step| from.checked_add(step)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_looks_at_every_near_id_and_far_ahead() {
        let probes = probes(10);
        assert_eq!(probes[..3], [11, 12, 13]);
        assert!(probes.iter().any(|id| *id > 1_000_000_000), "a large import is found too");
        assert!(probes.len() <= limits::IDS, "one call must take them");
    }

    #[test]
    fn the_end_of_the_numbers_is_no_panic() {
        assert!(probes(i64::MAX).is_empty());
    }
}
