//! What can happen to a notification in the inbox, as pure transitions over its facets.

mod facets;

pub use facets::{Changed, Facets};
