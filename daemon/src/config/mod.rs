//! `config.toml`: the model, loading with good errors, reloading, secrets, and edits that keep comments.

mod model;

pub use model::{Config, Desktop, Retention, SecretOrigin, Security, SourceConfig};
