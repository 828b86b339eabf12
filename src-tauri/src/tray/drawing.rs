//! Keeps the item in the panel, whenever there is a panel.

use std::time::Duration;

use ksni::{Handle, TrayMethods};
use tokio::sync::{mpsc, watch};
use tracing::{debug, warn};
use zbus::Connection;

use crate::controller::Tick;
use crate::tray::item::Item;
use crate::tray::{Appearance, host};

/// A tray host that refuses the item is asked again then.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// What the item looks like; `None` before anything is known.
pub type Appearances = watch::Receiver<Option<Appearance>>;

/// Puts the item into the panel as soon as it has an appearance and there is a panel, and keeps it true.
pub async fn draw(
    connection: Connection,
    mut appearances: Appearances,
    ticks: mpsc::UnboundedSender<Tick>,
) {
    while appearances.wait_for(Option::is_some).await.is_ok() {
        match put(&connection, &mut appearances, &ticks).await {
            Ok(Some(item)) => follow(&item, &mut appearances).await,
            Ok(None) => debug!("the tray host changed meanwhile"),
            Err(error) => {
                warn!(
                    error = format!("{error:#}"),
                    "the icon cannot be shown; trying again in a while"
                );
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    }
}

/// Puts the item into the panel that is there or comes; `None` when that one has left before the item could follow
/// it, which it does by itself from then on.
async fn put(
    connection: &Connection,
    appearances: &mut Appearances,
    ticks: &mpsc::UnboundedSender<Tick>,
) -> anyhow::Result<Option<Handle<Item>>> {
    let Some(host) = host::present(connection).await? else { return Ok(None) };
    let newest = appearances.borrow_and_update().clone();
    let Some(appearance) = newest else { return Ok(None) };
    let item = Item { appearance, ticks: ticks.clone() };
    let item = item.assume_sni_available(true).spawn().await?;
    if host::is(connection, &host).await? {
        return Ok(Some(item));
    }
    item.shutdown().await;
    Ok(None)
}

/// Draws every change until the item is gone or nobody changes it any more.
async fn follow(item: &Handle<Item>, appearances: &mut Appearances) {
    while appearances.changed().await.is_ok() {
        let Some(next) = appearances.borrow_and_update().clone() else { continue };
        if item.update(|item| item.appearance = next).await.is_none() {
            return;
        }
    }
}
