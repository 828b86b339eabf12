//! The daemon as the tray sees it: what it tells, and what it is asked.

mod follow;
mod orders;
mod reader;
mod stop;

pub use self::follow::follow;
pub use self::orders::Orders;
