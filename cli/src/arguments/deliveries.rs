use clap::Args;
use tidings_api::DeliveryStatus;

use crate::parse::id::{delivery, id, record};
use crate::parse::status::status;

#[derive(Debug, Args)]
pub(crate) struct DeliveriesArguments {
    /// To this target
    #[arg(long)]
    pub(crate) target: Option<String>,
    /// scheduled, sending, delivered, retry, delivery-failure, inactive-device, opted-out or suppressed
    #[arg(long, value_parser = status)]
    pub(crate) status: Option<DeliveryStatus>,
    /// To this record
    #[arg(long, value_name = "ID", value_parser = record)]
    pub(crate) record: Option<i64>,
    /// Of this notification
    #[arg(long, value_name = "ID", value_parser = id)]
    pub(crate) notification: Option<i64>,
    /// Also what was limited to other targets, and so never was for this screen
    #[arg(long)]
    pub(crate) all: bool,
    /// At most this many; 0 = all
    #[arg(long, short = 'n', default_value_t = 50)]
    pub(crate) limit: usize,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeliveryIdsArguments {
    /// Ids, as `tidings deliveries` prints them
    #[arg(required = true, value_name = "ID", value_parser = delivery)]
    pub(crate) ids: Vec<i64>,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}
