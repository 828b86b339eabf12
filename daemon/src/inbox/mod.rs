//! What can happen to a notification in the inbox, as pure transitions over its facets, and what can be counted about many.

mod facets;
mod tally;

pub use facets::{Changed, Facets};
pub(crate) use tally::{Counted, Tally};
