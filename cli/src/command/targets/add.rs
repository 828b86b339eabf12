use tidings_api::{SecretPlace, TargetKind, TargetSettings};

use super::all_kinds;
use crate::arguments::TargetAddArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{Output, clean};
use crate::parse::setting::dotted;

/// Adds a target, and says what is still missing before something arrives there.
pub(super) async fn run(
    arguments: &TargetAddArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let name = &arguments.name;
    let in_keyring = arguments.secret_in_keyring;
    let settings = TargetSettings {
        name: name.clone(),
        kind: arguments.kind.clone(),
        enabled: true,
        settings: dotted(&arguments.settings),
        secret: if in_keyring { SecretPlace::Keyring } else { SecretPlace::None },
    };
    let text = serde_json::to_string(&settings)
        .map_err(|error| Failure::failed(format!("the settings cannot be sent: {error}")))?;
    let daemon = Daemon::connect_patiently().await?;
    let targets = daemon.targets().await?;
    targets.add(&text).await?;
    if arguments.json {
        output.json(&[TargetSettings::from_json(&targets.get(name).await?)?])?;
        return Ok(Outcome::Done);
    }
    let kinds = all_kinds(&daemon).await?;
    let kind = kinds.iter().find(|kind| kind.kind == arguments.kind);
    output.line(&clean::line(&next(name, in_keyring, kind)))?;
    Ok(Outcome::Done)
}

fn next(name: &str, in_keyring: bool, kind: Option<&TargetKind>) -> String {
    let may_have_one = kind.is_some_and(|kind| !kind.secret.is_empty());
    let unless = if in_keyring { "" } else { " (unless it needs none)" };
    let secret = format!("`tidings secret set {name}`{unless}");
    let secret = (in_keyring || may_have_one).then_some(secret);
    let addressed = kind.is_some_and(|kind| kind.address.is_some());
    let record = addressed.then(|| format!("`tidings records add {name} ADDRESS`"));
    let test = Some(format!("`tidings test {name}`"));
    let steps: Vec<String> = [secret, record, test].into_iter().flatten().collect();
    format!(
        "\"{name}\" is added; now run {}, and lead a route there in config.toml",
        steps.join(", then ")
    )
}
