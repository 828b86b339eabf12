use zbus::proxy;

use crate::{Dict, Row};

/// Reads and triages the inbox.
#[proxy(
    interface = "org.tidings.Tidings.Inbox1",
    default_service = "org.tidings.Tidings.Daemon1",
    default_path = "/org/tidings/Tidings/Daemon1"
)]
pub trait Inbox1 {
    /// One page, newest first; an empty `next` means the end.
    fn list(&self, filter: Dict, cursor: &str, limit: u32)
    -> zbus::Result<(Vec<Row>, String, u64)>;

    /// The rows with these ids; unknown ids are left out.
    fn get(&self, ids: &[i64]) -> zbus::Result<Vec<Row>>;

    /// How many rows each filter has.
    fn count(&self, filters: Vec<Dict>) -> zbus::Result<Vec<u32>>;

    /// Changes the state of these rows; answers the ids that really changed and an undo token (0 = nothing to undo).
    fn set_state(&self, ids: &[i64], change: Dict) -> zbus::Result<(Vec<i64>, u64)>;

    /// Changes the state of all rows of the filter up to the newest id that the caller has seen.
    fn set_state_where(
        &self,
        filter: Dict,
        up_to_id: i64,
        change: Dict,
    ) -> zbus::Result<(u32, u64)>;

    /// Takes back one triage call; answers how many rows were restored.
    fn undo(&self, token: u64) -> zbus::Result<u32>;

    /// Deletes these rows; answers how many and an undo token.
    fn delete(&self, ids: &[i64]) -> zbus::Result<(u32, u64)>;

    /// Deletes all rows of the filter up to the newest id that the caller has seen.
    fn delete_where(&self, filter: Dict, up_to_id: i64) -> zbus::Result<(u32, u64)>;

    /// Does what a click on the button would: opens the URL, tells the poster, marks as read.
    fn invoke(&self, id: i64, action: &str, platform_data: Dict) -> zbus::Result<()>;

    /// Why it did or did not pop up: one entry a decision, in order.
    fn explain(&self, id: i64) -> zbus::Result<Vec<Dict>>;

    /// The image of a sender that the `icon` of a row leads to: its media type and its content.
    fn image(&self, icon: &str) -> zbus::Result<(String, Vec<u8>)>;

    /// The topics that were used last, the newest first, each with its unread count.
    fn topics(&self) -> zbus::Result<Vec<Dict>>;

    /// Figures from `since` to `until` in days of the zone (IANA name), as JSON.
    fn statistics(&self, since: i64, until: i64, zone: &str) -> zbus::Result<String>;

    /// Unread notifications of the inbox.
    #[zbus(property(emits_changed_signal = "false"))]
    fn unread_count(&self) -> zbus::Result<u32>;

    /// Unseen notifications of the inbox.
    #[zbus(property(emits_changed_signal = "false"))]
    fn unseen_count(&self) -> zbus::Result<u32>;

    /// Grows with every committed change.
    #[zbus(property(emits_changed_signal = "false"))]
    fn revision(&self) -> zbus::Result<u64>;

    /// Something was committed. At most ten a second; ids only.
    #[zbus(signal)]
    fn changed(
        &self,
        revision: u64,
        added: Vec<i64>,
        updated: Vec<i64>,
        removed: Vec<i64>,
    ) -> zbus::Result<()>;
}
