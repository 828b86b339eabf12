//! What one call may carry. A value above a limit is refused with `TooLarge`, never cut.

/// Longest title, in Unicode scalar values.
pub const TITLE_CHARACTERS: usize = 512;
/// Longest body, in bytes of UTF-8.
pub const BODY_BYTES: usize = 64 * 1024;
/// Longest `data` option, in bytes of UTF-8.
pub const DATA_BYTES: usize = 64 * 1024;
/// Longest value of every other text option, in Unicode scalar values.
pub const FIELD_CHARACTERS: usize = 1024;
/// Longest URL, in bytes.
pub const URL_BYTES: usize = 8 * 1024;
/// Most actions of one notification.
pub const ACTIONS: usize = 16;
/// Most tags of one notification.
pub const TAGS: usize = 64;
/// Most notifications of one `PostMany`.
pub const POST_MANY: usize = 1_000;
/// Most notifications of one page of `List`, and most ids of one call.
pub const PAGE: u32 = 500;
/// Longest snooze from now, in milliseconds: ten years.
pub const SNOOZE: crate::Millis = 3_653 * 24 * 60 * 60 * 1_000;
/// Most ids of one `Get`, `SetState`, or `Delete`.
pub const IDS: usize = 10_000;
