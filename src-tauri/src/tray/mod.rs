//! What the tray shows, as plain values; [`item`] draws them over D-Bus and knows nothing else.

mod appearance;
mod canvas;
mod digits;
pub mod icon;
pub mod item;
mod masks;
pub mod menu;
mod text;
pub mod tooltip;

pub use self::appearance::Appearance;
pub use self::icon::{Icon, Scheme};
pub use self::menu::{Choice, Entry, Menu};
pub use self::tooltip::Tooltip;
