//! How a secret is filed in the Secret Service, so that the daemon finds what the command stored.

use crate::names::APPLICATION_ID;

/// Attribute that names the application.
pub const ATTRIBUTE_APPLICATION: &str = "application";
/// Attribute that names the source.
pub const ATTRIBUTE_SOURCE: &str = "source";

/// The attributes of the secret of a source. Other programs can store it, too:
/// `secret-tool store --label=… application org.tidings.Tidings source NAME`.
#[must_use]
pub fn attributes(source: &str) -> [(&'static str, &str); 2] {
    [(ATTRIBUTE_APPLICATION, APPLICATION_ID), (ATTRIBUTE_SOURCE, source)]
}

/// What password managers show for it.
#[must_use]
pub fn label(source: &str) -> String {
    format!("Tidings: {source}")
}
