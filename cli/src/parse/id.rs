/// The identity of a notification.
pub(crate) fn id(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "not an id: `tidings list` prints them in front".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_is_told_where_ids_are() {
        assert_eq!(id("17"), Ok(17));
        assert!(id("abc").unwrap_err().contains("tidings list"));
    }
}
