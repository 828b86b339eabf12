use tidings_api::{Dict, DictWriter};

use crate::arguments::{IdArguments, InvokeArguments};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};

/// Does what a click on the notification would.
pub(crate) async fn open(arguments: &IdArguments) -> Result<Outcome, Failure> {
    invoke(arguments.id, "default").await
}

/// Chooses a button.
pub(crate) async fn run(arguments: &InvokeArguments) -> Result<Outcome, Failure> {
    invoke(arguments.id, &arguments.action).await
}

async fn invoke(id: i64, action: &str) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    daemon.inbox().await?.invoke(id, action, platform_data()).await?;
    Ok(Outcome::Done)
}

/// With the token of whoever started us, Wayland lets the opened window come to the front.
fn platform_data() -> Dict {
    let mut writer = DictWriter::default();
    writer.optional("activation-token", std::env::var("XDG_ACTIVATION_TOKEN").ok());
    writer.finish()
}
