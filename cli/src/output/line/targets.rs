use tidings_api::{Delivery, Record, TargetKind, TargetStatus};

use super::fields;
use crate::output::time;

/// `name, kind, state, records, waiting, last delivery, routes, paused since, why`.
pub(crate) fn target(row: &TargetStatus) -> String {
    fields([
        row.name.as_str(),
        &row.kind,
        row.state.as_str(),
        &row.records.to_string(),
        &row.waiting.to_string(),
        &row.last_delivered_at.map(time::iso).unwrap_or_default(),
        &row.routes.join(","),
        &row.since.map(time::iso).unwrap_or_default(),
        &row.why,
    ])
}

/// `kind, what an address is, what the secret is called, title, description`.
pub(crate) fn target_kind(kind: &TargetKind) -> String {
    let address = kind.address.as_ref().map(|address| address.label.as_str()).unwrap_or_default();
    fields([kind.kind.as_str(), address, &kind.secret, &kind.title, &kind.description])
}

/// `id, target, address, state, added, description, why it is dead`.
pub(crate) fn record(row: &Record) -> String {
    fields([
        row.id.to_string().as_str(),
        &row.target,
        &row.address,
        record_state(row),
        &time::iso(row.created_at),
        &row.description,
        &row.ended_why,
    ])
}

/// `id, notification, when, target, address, status, reason, answer, attempts, title`.
pub(crate) fn delivery(row: &Delivery) -> String {
    fields([
        row.id.to_string().as_str(),
        &row.notification.to_string(),
        &time::iso(delivery_time(row)),
        &row.target,
        &row.address,
        row.status.as_str(),
        &row.reason,
        &row.answer,
        &row.retry_attempts.to_string(),
        &row.title,
    ])
}

/// A route in a sentence: by its name, or as `route 3` where it was given none.
pub(crate) fn route(name: &str) -> String {
    let number = name.strip_prefix("route ").unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { name.to_owned() } else { format!("route \"{name}\"") }
}

/// The one word that says most about whether a record receives.
pub(crate) const fn record_state(row: &Record) -> &'static str {
    match row {
        Record { ended_at: Some(_), .. } => "dead",
        Record { active: false, .. } => "off",
        Record { verified: false, .. } => "unverified",
        _ => "receives",
    }
}

/// When it was attempted last; of what waits, when it is due.
pub(crate) fn delivery_time(row: &Delivery) -> tidings_api::Millis {
    use tidings_api::DeliveryStatus::{
        Delivered, DeliveryFailure, InactiveDevice, OptedOut, Retry, Scheduled, Sending, Suppressed,
    };
    match row.status {
        Scheduled | Retry => row.scheduled_delivery,
        Sending | Delivered | DeliveryFailure | InactiveDevice | OptedOut | Suppressed => {
            row.attempted_delivery.unwrap_or(row.scheduled_delivery)
        }
    }
}

#[cfg(test)]
mod tests {
    use tidings_api::DeliveryStatus;

    use super::*;

    #[test]
    fn of_what_waits_the_time_is_when_it_is_due() {
        let row = Delivery {
            status: DeliveryStatus::Retry,
            scheduled_delivery: 9,
            attempted_delivery: Some(1),
            ..Delivery::default()
        };
        assert_eq!(delivery_time(&row), 9);
        assert_eq!(delivery_time(&Delivery { status: DeliveryStatus::DeliveryFailure, ..row }), 1);
        let unsent = Delivery { scheduled_delivery: 5, ..Delivery::default() };
        let suppressed = Delivery { status: DeliveryStatus::Suppressed, ..unsent };
        assert_eq!(delivery_time(&suppressed), 5, "it was never attempted");
    }

    #[test]
    fn a_record_has_the_state_that_keeps_it_from_receiving() {
        let receives = Record { active: true, verified: true, ..Record::default() };
        assert_eq!(record_state(&receives), "receives");
        assert_eq!(record_state(&Record { verified: false, ..receives.clone() }), "unverified");
        assert_eq!(record_state(&Record { active: false, ..receives.clone() }), "off");
        let dead = Record { active: false, ended_at: Some(1), ..receives };
        assert_eq!(record_state(&dead), "dead", "not merely off: the provider has said so");
    }
}
