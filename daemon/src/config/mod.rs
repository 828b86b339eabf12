//! `config.toml`: the model, loading with good errors, reloading, and edits that keep comments.

mod app;
mod duration;
pub mod edit;
mod entry;
pub mod keys;
mod kinds;
mod load;
mod mask;
mod model;
mod origin;
mod paths;
mod problem;
mod quiet;
mod reader;
mod route;
mod settings;
mod source;
mod target;
mod url;
mod watch;

pub use self::url::{is_loopback, may_send_credentials};
pub use duration::{parse_duration, write_duration};
pub use edit::{EditError, Setting};
pub use kinds::{KeyProblem, Kinds};
pub use load::{load, parse};
pub use model::{
    App, Config, Density, Desktop, Digest, QuietHours, Retention, RouteConfig, SecretOrigin,
    Security, SourceConfig, TargetConfig, Theme,
};
pub use paths::{NoHome, config_path, database_path, expand_home, images_path};
pub use problem::{ConfigErrors, Problem};
pub use watch::LiveConfig;
