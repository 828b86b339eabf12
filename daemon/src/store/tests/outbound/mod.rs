//! Deliveries to targets beside the desktop: planned with the row, claimed once, and ended as the provider says.

mod by_hand;
mod claiming;
mod confirming;
mod ending;
mod identity;
mod machine;
mod planning;
mod together;
mod waking;

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use rusqlite::Connection;
use tidings_api::{
    Delivery, DeliveryFilter, DeliveryStatus, KeyMode, Millis, OptOut, Record, Scope, StateChange,
};

use super::fixture::{Fixture, NOW, local, remote, upsert};
use crate::config::{Digest, RouteConfig};
use crate::dispatch::outbound::fate::Fate;
use crate::dispatch::outbound::rules::{OutboundRules, TargetRule};
use crate::model::{Arrival, Event, Incoming, NotificationId};
use crate::store::{
    Grouping, Outbound, OutboundEnd, OutboundOrder, OutboundWish, StoreError, Unconfirmed,
};
use crate::targets::Confirmation;

const MINUTE: Millis = 60_000;
const LEASE: Millis = 4 * MINUTE;

fn rule(name: &str) -> TargetRule {
    TargetRule {
        name: name.into(),
        enabled: true,
        has_addresses: true,
        title: None,
        body: None,
        max_retries: 3,
        retry_interval: Duration::from_secs(60),
        burst: 5,
        refill: Duration::from_secs(60),
        digest: None,
        quiet: false,
        repeatable: true,
        confirm_after: None,
    }
}

fn route(to: &[&str]) -> RouteConfig {
    let to = to.iter().map(|name| (*name).to_owned()).collect();
    RouteConfig { name: "all".into(), to, ..RouteConfig::default() }
}

fn configure(fixture: &Fixture, targets: Vec<TargetRule>, routes: Vec<RouteConfig>) {
    fixture.outbound.send_replace(Arc::new(OutboundRules { targets, routes }));
}

async fn add(fixture: &Fixture, target: &str, address: &str) -> i64 {
    let record = Record {
        target: target.into(),
        address: address.into(),
        active: true,
        verified: true,
        ..Record::default()
    };
    fixture.store.add_record(record).await.expect("adds")
}

/// Everything goes to `mail`, which has one record.
async fn to_mail() -> Fixture {
    let fixture = Fixture::new();
    configure(&fixture, vec![rule("mail")], vec![route(&["mail"])]);
    add(&fixture, "mail", "ana@example.org").await;
    fixture
}

async fn claim(fixture: &Fixture) -> Outbound {
    claim_of(fixture, "mail", 100).await
}

async fn claim_of(fixture: &Fixture, target: &str, limit: usize) -> Outbound {
    let wish = OutboundWish {
        target: target.into(),
        lease: LEASE,
        claim: rand::random_range(1..i64::MAX),
        limit,
        repeatable: true,
        end_leases: true,
    };
    fixture.store.claim_outbound(wish).await.expect("claims")
}

async fn end(fixture: &Fixture, order: &OutboundOrder, fate: Fate) {
    let end =
        OutboundEnd { claim: order.claim, deliveries: order.deliveries.clone(), fate: Some(fate) };
    fixture.store.end_outbound("mail".into(), vec![end], Some(15_000)).await.expect("records");
}

fn delivered() -> Fate {
    Fate::Delivered { receipt: None, note: None }
}

fn why(text: &str) -> String {
    text.to_owned()
}

async fn deliveries(fixture: &Fixture) -> Vec<Delivery> {
    let filter = DeliveryFilter { target: Some("mail".into()), ..DeliveryFilter::default() };
    fixture.store.deliveries(filter, String::new(), 500).await.expect("lists").rows
}

async fn only(fixture: &Fixture) -> Delivery {
    let rows = deliveries(fixture).await;
    assert_eq!(rows.len(), 1, "exactly one delivery: {rows:?}");
    rows.into_iter().next().expect("counted")
}

async fn statuses(fixture: &Fixture) -> Vec<(String, String)> {
    let rows = deliveries(fixture).await;
    rows.into_iter().rev().map(|row| (row.status.as_str().to_owned(), row.reason)).collect()
}
