//! What the page may ask, one file a group. Each command calls the daemon and translates; logic is in the library.

pub(crate) mod control;
pub(crate) mod inbox;
#[cfg(test)]
mod list;
pub(crate) mod preferences;
pub(crate) mod shell;
pub(crate) mod sources;
#[cfg(test)]
mod tests;

/// What every command answers.
pub(crate) type Answer<T> = Result<T, tidings_app::page::Failure>;
