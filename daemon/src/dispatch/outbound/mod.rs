//! From a committed row to the people who are not at this screen: which targets it goes to and when, what becomes of an
//! attempt, and the lanes that carry it out.
//!
//! `rules`, `plan`, `digest` and `fate` are pure; the store's writer calls them inside its transactions. `lane` sends for
//! one target, `outbox` has a lane for each, and `bypass` is the way past its queue.

mod bypass;
mod compose;
pub mod digest;
mod dispatcher;
pub mod fate;
mod lane;
pub mod outbox;
pub mod plan;
pub mod rules;

pub use bypass::Bypass;
pub use dispatcher::Dispatcher;
pub use lane::Unwanted;
