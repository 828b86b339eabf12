/// The identity of a notification.
pub(crate) fn id(text: &str) -> Result<i64, String> {
    number(text, "tidings list")
}

/// The identity of an address at a target.
pub(crate) fn record(text: &str) -> Result<i64, String> {
    number(text, "tidings records")
}

/// The identity of one notification on its way to one address.
pub(crate) fn delivery(text: &str) -> Result<i64, String> {
    number(text, "tidings deliveries")
}

fn number(text: &str, printed_by: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("not an id: `{printed_by}` prints them in front"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_is_told_where_ids_are() {
        assert_eq!(id("17"), Ok(17));
        assert!(id("abc").unwrap_err().contains("tidings list"));
        assert!(record("mail").unwrap_err().contains("tidings records"));
        assert!(delivery("mail").unwrap_err().contains("tidings deliveries"));
    }
}
