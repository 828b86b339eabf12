use tidings_api::platform_data;

use crate::arguments::InvokeArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};

/// Chooses a button.
pub(crate) async fn run(arguments: &InvokeArguments) -> Result<Outcome, Failure> {
    invoke(arguments.id, &arguments.action).await
}

/// Chooses an action of a notification; the token of whoever started us lets what opens come to the front.
pub(super) async fn invoke(id: i64, action: &str) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    daemon.inbox().await?.invoke(id, action, platform_data(token().as_deref())).await?;
    Ok(Outcome::Done)
}

/// The activation token that this program was started with, if any.
pub(super) fn token() -> Option<String> {
    std::env::var("XDG_ACTIVATION_TOKEN").ok()
}
