//! Draws an [`Appearance`] as a StatusNotifierItem, and tells what is done to it.

use ksni::menu::{StandardItem, SubMenu};
use ksni::{Category, MenuItem, OfflineReason, Status, ToolTip, Tray};
use tidings_api::{Place, names};
use tokio::sync::mpsc;
use tracing::{info, warn};

use crate::controller::Tick;
use crate::tray::{Appearance, Choice, Entry};

/// The item in the panel.
#[derive(Debug)]
pub(super) struct Item {
    /// What it looks like.
    pub(super) appearance: Appearance,
    /// Where choices go.
    pub(super) ticks: mpsc::UnboundedSender<Tick>,
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
