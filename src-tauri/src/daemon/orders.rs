use tidings_api::{Error, Filter, Inbox1Proxy, Quiet1Proxy, StateChange, View, names};
use tokio::sync::mpsc;
use tracing::{info, warn};
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::WellKnownName;

use crate::controller::{News, Order, Tick};
use crate::daemon::stop;

/// The value of `Quiet1.Set` for quiet that does not end by itself.
const UNTIL_TURNED_OFF: i64 = -1;
/// The value of `Quiet1.Set` that ends quiet.
const END: i64 = 0;

/// Has the daemon do what was chosen. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Orders {
    connection: Connection,
    ticks: mpsc::UnboundedSender<Tick>,
}

impl Orders {
    /// Orders over `connection`; that the daemon did not start is told by a tick.
    #[must_use]
    pub fn new(connection: Connection, ticks: mpsc::UnboundedSender<Tick>) -> Self {
        Self { connection, ticks }
    }

    /// Carries an order out in a task of its own; what fails is in the log.
    pub fn carry_out(&self, order: Order) {
        let orders = self.clone();
        tokio::spawn(async move {
            if let Err(error) = orders.try_to(order).await {
                warn!(?order, error = format!("{error:#}"), "not done");
                if order == Order::Start {
                    // The controller ends with the program, and then there is nobody to tell.
                    let _gone = orders.ticks.send(Tick::News(News::NotStarted));
                }
            }
        });
    }

    async fn try_to(&self, order: Order) -> anyhow::Result<()> {
        match order {
            Order::MarkRead { up_to } => {
                let unread = Filter { view: View::Unread, ..Filter::default() };
                let inbox = Inbox1Proxy::new(&self.connection).await?;
                let change = StateChange::READ.to_dict();
                let marked = inbox.set_state_where(unread.to_dict(), up_to, change).await;
                let (count, _) = marked.map_err(Error::from)?;
                info!(count, "marked as read");
            }
            Order::BeQuiet { until } => self.set_quiet(until.unwrap_or(UNTIL_TURNED_OFF)).await?,
            Order::EndQuiet => self.set_quiet(END).await?,
            Order::Start => {
                let bus = DBusProxy::new(&self.connection).await?;
                bus.start_service_by_name(WellKnownName::try_from(names::BUS_NAME)?, 0).await?;
            }
            Order::Stop => stop::stop(&self.connection).await?,
        }
        Ok(())
    }

    async fn set_quiet(&self, until: i64) -> anyhow::Result<()> {
        let quiet = Quiet1Proxy::new(&self.connection).await?;
        Ok(quiet.set(until).await.map_err(Error::from)?)
    }
}
