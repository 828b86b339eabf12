//! Draws an [`Appearance`] as a StatusNotifierItem, and tells what is done to it.

use std::time::Duration;

use ksni::menu::{StandardItem, SubMenu};
use ksni::{Category, Handle, MenuItem, OfflineReason, Status, ToolTip, Tray, TrayMethods};
use tidings_api::{Place, names};
use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

use crate::controller::Tick;
use crate::tray::{Appearance, Choice, Entry};

/// A tray host that refuses the item is asked again then.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// The item in the panel.
#[derive(Debug)]
struct Item {
    appearance: Appearance,
    ticks: mpsc::UnboundedSender<Tick>,
}

/// Puts the item into the panel as soon as it has an appearance and there is a panel, and keeps it true.
pub async fn draw(
    mut appearance: watch::Receiver<Option<Appearance>>,
    ticks: mpsc::UnboundedSender<Tick>,
) {
    while let Some(first) = next(&mut appearance).await {
        match (Item { appearance: first, ticks: ticks.clone() })
            .assume_sni_available(true)
            .spawn()
            .await
        {
            Ok(item) => follow(&item, &mut appearance).await,
            Err(error) => {
                warn!(%error, "the tray host refuses the icon; asking again in a while");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
        // What is newest by then is drawn first.
        appearance.mark_changed();
    }
}

/// Draws every change until the item is gone or nobody changes it any more.
async fn follow(item: &Handle<Item>, appearance: &mut watch::Receiver<Option<Appearance>>) {
    while let Some(next) = next(appearance).await {
        if item.update(|item| item.appearance = next).await.is_none() {
            return;
        }
    }
}

async fn next(appearance: &mut watch::Receiver<Option<Appearance>>) -> Option<Appearance> {
    loop {
        appearance.changed().await.ok()?;
        let next = appearance.borrow_and_update().clone();
        if next.is_some() {
            return next;
        }
    }
}

impl Item {
    fn chosen(&self, choice: Choice) {
        let token = ksni::current_xdg_activation_token();
        // The controller ends with the program, and then nothing is to be done any more.
        let _gone = self.ticks.send(Tick::Chosen { choice, token });
    }
}

impl Tray for Item {
    fn id(&self) -> String {
        names::APPLICATION_ID.to_owned()
    }

    fn title(&self) -> String {
        "Tidings".to_owned()
    }

    fn category(&self) -> Category {
        Category::Communications
    }

    /// Never passive: GNOME and Plasma hide what is passive, and an icon that is hidden cannot be clicked.
    fn status(&self) -> Status {
        Status::Active
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        let pixmaps = self.appearance.icon.pixmaps().into_iter();
        pixmaps
            .map(|pixmap| ksni::Icon {
                width: i32::from(pixmap.size),
                height: i32::from(pixmap.size),
                data: pixmap.argb,
            })
            .collect()
    }

    fn tool_tip(&self) -> ToolTip {
        let lines: Vec<String> =
            self.appearance.tooltip.lines.iter().map(|line| escaped(line)).collect();
        ToolTip {
            title: self.appearance.tooltip.title.clone(),
            description: lines.join("<br/>"),
            ..ToolTip::default()
        }
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.appearance.menu.entries.iter().map(drawn).collect()
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.chosen(Choice::Open(Place::Inbox));
    }

    fn secondary_activate(&mut self, _x: i32, _y: i32) {
        self.chosen(Choice::ToggleQuiet);
    }

    fn watcher_online(&self) {
        info!("a tray host appeared");
    }

    /// Stays: the host may come with the panel, seconds after the session, or back after a crash.
    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        if let OfflineReason::Error(error) = reason {
            warn!(%error, "no tray host; waiting for one");
        } else {
            info!("the tray host left; waiting for one");
        }
        true
    }
}

fn drawn(entry: &Entry) -> MenuItem<Item> {
    match entry {
        Entry::Choice { label, choice } => {
            let choice = choice.clone();
            StandardItem {
                label: mnemonic_free(label),
                activate: Box::new(move |item: &mut Item| item.chosen(choice.clone())),
                ..StandardItem::default()
            }
            .into()
        }
        Entry::Note(text) => {
            StandardItem { label: mnemonic_free(text), enabled: false, ..StandardItem::default() }
                .into()
        }
        Entry::Submenu { label, entries } => SubMenu {
            label: mnemonic_free(label),
            submenu: entries.iter().map(drawn).collect(),
            ..SubMenu::default()
        }
        .into(),
        Entry::Separator => MenuItem::Separator,
    }
}

/// An underscore in a label of a menu would become a key.
fn mnemonic_free(label: &str) -> String {
    label.replace('_', "__")
}

/// Some hosts read markup in tooltips.
fn escaped(line: &str) -> String {
    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_are_neither_keys_nor_markup() {
        assert_eq!(mnemonic_free("a_b"), "a__b");
        assert_eq!(escaped("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
    }
}
