//! The real desktop behind the port: the panel, the docks, the window and the daemon.

use tidings_api::Place;
use tokio::sync::{mpsc, watch};
use zbus::Connection;

use crate::controller::{Gui, Order, Tick};
use crate::daemon::Orders;
use crate::launch::Launcher;
use crate::launcher_entry;
use crate::tray::{Appearance, item};

/// Does what the controller says, on this desktop.
#[derive(Debug)]
pub struct Desk {
    appearance: watch::Sender<Option<Appearance>>,
    launcher: Launcher,
    orders: Orders,
}

impl Desk {
    /// Starts to draw, as soon as there is something to draw.
    #[must_use]
    pub fn new(connection: Connection, ticks: mpsc::UnboundedSender<Tick>) -> Self {
        let (appearance, seen) = watch::channel(None);
        tokio::spawn(item::draw(seen.clone(), ticks.clone()));
        tokio::spawn(launcher_entry::draw(connection.clone(), seen));
        Self {
            appearance,
            launcher: Launcher::new(connection.clone()),
            orders: Orders::new(connection, ticks),
        }
    }
}

impl Gui for Desk {
    fn show(&mut self, appearance: &Appearance) {
        self.appearance.send_replace(Some(appearance.clone()));
    }

    fn open(&mut self, place: Place, token: Option<String>) {
        self.launcher.open(place, token);
    }

    fn order(&mut self, order: Order) {
        self.orders.carry_out(order);
    }
}
