//! Sources from a form: added, tried, changed and removed over D-Bus, their secrets in a real keyring.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tidings_api::{
    Error, Notification, SecretPlace, SourceKind, SourceSettings, SourceState, SourceStatus,
    Sources1Proxy,
};
use tidings_tests::django::{DjangoServer, PASSWORD};
use tidings_tests::faulty_server::{FaultyServer, TOKEN};
use tidings_tests::keyring::Keyring;
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::DEADLINE;

/// What a person wrote themselves.
const HEAD: &str = "# my sources, do not touch\n\n[desktop]\npopups = true # yes\n";

/// A person with a keyring that is open, a file of their own and a server.
struct Desk {
    session: Session,
    daemon: Tidingsd,
    server: FaultyServer,
    keyring: Keyring,
}

impl Desk {
    async fn new() -> Result<Self> {
        let session = Session::start().await?;
        let keyring = Keyring::unlocked(&session.bus).await?;
        session.configure(HEAD)?;
        let daemon = session.daemon().await?;
        Ok(Self { session, daemon, server: FaultyServer::start().await?, keyring })
    }

    async fn sources(&self) -> Result<Sources1Proxy<'static>> {
        self.daemon.sources().await
    }

    fn file(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.session.config_file())?)
    }

    /// A form for the server, with further settings.
    fn form(&self, name: &str, more: Value) -> String {
        form(name, &self.server.url(), more)
    }

    async fn wait_for_the_row(&self) -> Result<()> {
        let one = |rows: &[Notification]| rows.len() == 1;
        self.daemon.wait_for_rows("shop", "its notification", DEADLINE, one).await.map(drop)
    }

    async fn stored(&self, name: &str) -> Result<SourceSettings> {
        Ok(SourceSettings::from_json(&self.sources().await?.get(name).await?)?)
    }
}

fn form(name: &str, url: &str, more: Value) -> String {
    let mut settings = json!({"url": url, "sync.reconcile_every": "1s"});
    if let (Some(settings), Value::Object(more)) = (settings.as_object_mut(), more) {
        settings.extend(more);
    }
    json!({
        "name": name, "kind": "json", "preset": "django-channels", "enabled": true, "popups": true,
        "min_urgency": "low", "settings": settings, "secret": "keyring",
    })
    .to_string()
}

/// How the daemon refused.
fn refused<T: std::fmt::Debug>(answer: zbus::Result<T>) -> Result<Error> {
    answer.err().map(Error::from).context("the call is refused")
}

fn report(mut dict: tidings_api::Dict) -> Result<(bool, String)> {
    let ok = bool::try_from(dict.remove("ok").context("a report says ok")?)?;
    let steps: Vec<String> = dict.remove("steps").context("a report has steps")?.try_into()?;
    Ok((ok, steps.join("\n")))
}

#[tokio::test]
async fn a_source_from_a_form_connects_is_changed_and_removed() -> Result<()> {
    let desk = Desk::new().await?;
    let sources = desk.sources().await?;
    sources.add(&desk.form("shop", json!({}))).await?;
    assert!(desk.file()?.starts_with(HEAD), "what stood there stays: {}", desk.file()?);
    desk.daemon.source("shop").await.context("it is there when the call returns")?;
    let asks = |status: &SourceStatus| status.last_error.contains("no secret for");
    desk.daemon.wait_for_source("shop", "the missing secret", asks).await?;
    sources.set_secret("shop", TOKEN).await?;
    desk.daemon.wait_for_state("shop", SourceState::Online).await?;
    desk.server.notify("hola");
    desk.wait_for_the_row().await?;

    let shown = desk.stored("shop").await?;
    assert_eq!((shown.preset.as_str(), shown.secret), ("django-channels", SecretPlace::Keyring));
    assert_eq!(shown.settings["url"], json!(desk.server.url()));

    let text = desk.file()?.replace("[[source]]", "# the shop\n[[source]]  # live");
    let text = text.replace("1s\"", "1s\" # brisk\nbackfill_rows = 7");
    std::fs::write(desk.session.config_file(), text)?;
    desk.daemon.control().await?.reload().await?;
    let mut changed: Value = serde_json::from_str(&desk.form("shop", json!({})))?;
    changed["min_urgency"] = json!("high");
    changed["settings"]["sync.reconcile_every"] = json!("2s");
    sources.update(&changed.to_string()).await?;
    let text = desk.file()?;
    for kept in [HEAD, "# the shop\n[[source]]  # live\n", "\"2s\" # brisk\nbackfill_rows = 7"] {
        assert!(text.contains(kept), "{kept:?} survives: {text}");
    }
    assert_eq!(desk.stored("shop").await?.min_urgency, "high");
    desk.daemon.wait_for_state("shop", SourceState::Online).await?;

    sources.remove("shop").await?;
    assert_eq!(desk.file()?, HEAD, "as it was before");
    assert!(desk.daemon.source("shop").await.is_err(), "it is gone when the call returns");
    assert!(matches!(refused(sources.get("shop").await)?, Error::NotFound(_)));
    desk.wait_for_the_row().await?;
    sources.add(&desk.form("shop", json!({}))).await?;
    desk.daemon.wait_for_source("shop", "that its secret went with it", asks).await?;
    Ok(())
}

#[tokio::test]
async fn a_form_is_tried_before_it_is_stored() -> Result<()> {
    let desk = Desk::new().await?;
    let sources = desk.sources().await?;
    let unnamed = desk.form("", json!({}));
    let (ok, steps) = report(sources.test_settings(&unnamed, TOKEN).await?)?;
    assert!(ok, "a form needs no name to be tried: {steps}");
    let (ok, steps) = report(sources.test_settings(&unnamed, "wrong-token").await?)?;
    assert!(!ok && !steps.contains("wrong-token"), "the server's answer in words: {steps}");
    let (ok, steps) = report(sources.test_settings(&unnamed, "").await?)?;
    assert!(!ok && steps.contains("no secret"), "{steps}");
    let nowhere = form("", "https://no.such.host.invalid", json!({}));
    let (ok, steps) = report(sources.test_settings(&nowhere, TOKEN).await?)?;
    assert!(!ok && steps.contains("the host is not found"), "in plain words: {steps}");
    assert_eq!(desk.file()?, HEAD, "nothing was stored");

    sources.add(&desk.form("shop", json!({}))).await?;
    sources.set_secret("shop", TOKEN).await?;
    let (ok, steps) = report(sources.test_settings(&desk.form("shop", json!({})), "").await?)?;
    assert!(ok, "the stored secret serves: {steps}");
    Ok(())
}

#[tokio::test]
async fn a_stored_secret_does_not_go_to_another_server() -> Result<()> {
    let desk = Desk::new().await?;
    let thief = FaultyServer::start().await?;
    let sources = desk.sources().await?;
    sources.add(&desk.form("shop", json!({}))).await?;
    sources.set_secret("shop", TOKEN).await?;
    desk.daemon.wait_for_state("shop", SourceState::Online).await?;
    let elsewhere = [
        form("shop", &thief.url(), json!({})),
        desk.form("shop", json!({"list.url": format!("{}/notifications/api/list/", thief.url())})),
    ];
    for settings in &elsewhere {
        let error = refused(sources.test_settings(settings, "").await)?;
        assert!(error.message().contains("another server"), "{error}");
        let (_, steps) = report(sources.test_settings(settings, TOKEN).await?)?;
        assert!(!steps.contains(TOKEN), "{steps}");
    }
    let tried = thief.record().requests.len();
    sources.update(&elsewhere[0]).await?;
    let asks = |status: &SourceStatus| status.last_error.contains("no secret for");
    desk.daemon.wait_for_source("shop", "the secret of the new server", asks).await?;
    assert_eq!(thief.record().requests.len(), tried, "nothing was sent there");
    sources.set_secret("shop", TOKEN).await?;
    desk.daemon.wait_for_state("shop", SourceState::Online).await?;

    let file = desk.session.secret_file("orders.token", TOKEN)?;
    let text = desk
        .file()?
        .replace("token = \"keyring\"", &format!("token_file = \"{}\"", file.display()));
    std::fs::write(desk.session.config_file(), &text)?;
    desk.daemon.control().await?.reload().await?;
    let error = refused(sources.update(&desk.form("shop", json!({}))).await)?;
    assert!(matches!(error, Error::Conflict(_)), "{error}");
    let error = refused(sources.set_secret("shop", TOKEN).await)?;
    assert!(matches!(error, Error::Conflict(_)), "{error}");
    assert_eq!(desk.stored("shop").await?.secret, SecretPlace::Elsewhere);
    assert_eq!(desk.file()?, text, "refused edits leave the file alone");
    Ok(())
}

#[tokio::test]
async fn a_refused_form_says_why_and_leaves_the_file_alone() -> Result<()> {
    let desk = Desk::new().await?;
    let sources = desk.sources().await?;
    let invalid = [
        (desk.form("local", json!({})), "reserved"),
        (desk.form("demo", json!({})), "reserved"),
        (desk.form("shop", json!({"url": ""})), "no url"),
        (desk.form("shop", json!({"colour": "red"})), "unknown key"),
        (desk.form("shop", json!({"auth.mode": "magic"})), "auth.mode"),
        (desk.form("shop", json!({"timezone": "UTC\"\n[[source]]\nname = \"x"})), "line break"),
        (desk.form("shop", json!({"token_command": ["id"]})), "where the secret is"),
        (form("shop", "http://shop.example.org", json!({})), "unencrypted"),
        ("{\"nane\": \"x\"}".to_owned(), "not understood"),
    ];
    for (settings, words) in invalid {
        let error = refused(sources.add(&settings).await)?;
        assert!(matches!(error, Error::InvalidArgs(_)), "{settings}: {error:?}");
        assert!(error.message().contains(words), "{settings}: {error}");
        assert!(!error.message().contains("config.toml"), "a form has no lines: {error}");
    }
    assert_eq!(desk.file()?, HEAD);
    sources.add(&desk.form("shop", json!({}))).await?;
    assert!(matches!(
        refused(sources.add(&desk.form("shop", json!({}))).await)?,
        Error::Conflict(_)
    ));
    assert!(matches!(
        refused(sources.update(&desk.form("x", json!({}))).await)?,
        Error::NotFound(_)
    ));
    assert!(matches!(refused(sources.set_secret("x", "y").await)?, Error::NotFound(_)));
    for secret in ["", "two\nlines"] {
        let error = refused(sources.set_secret("shop", secret).await)?;
        assert!(matches!(error, Error::InvalidArgs(_)), "{error:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_secret_that_an_earlier_source_has_left_does_not_go_to_a_new_one_of_its_name()
-> Result<()> {
    let desk = Desk::new().await?;
    let sources = desk.sources().await?;
    sources.add(&desk.form("shop", json!({}))).await?;
    sources.set_secret("shop", TOKEN).await?;
    desk.daemon.wait_for_state("shop", SourceState::Online).await?;
    let error = refused(sources.add(&desk.form("shop", json!({}))).await)?;
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    sources.reconnect("shop").await?;
    desk.daemon.wait_for_state("shop", SourceState::Online).await?;
    // By hand, which leaves the secret where it is.
    std::fs::write(desk.session.config_file(), HEAD)?;
    desk.daemon.control().await?.reload().await?;
    let other = FaultyServer::start().await?;
    sources.add(&form("shop", &other.url(), json!({}))).await?;
    let asks = |status: &SourceStatus| status.last_error.contains("no secret for");
    desk.daemon.wait_for_source("shop", "the missing secret", asks).await?;
    Ok(())
}

#[tokio::test]
async fn without_an_open_keyring_the_way_out_is_told() -> Result<()> {
    let Desk { session, daemon, server, keyring } = Desk::new().await?;
    let sources = daemon.sources().await?;
    sources.add(&form("shop", &server.url(), json!({}))).await?;
    sources.set_secret("shop", TOKEN).await?;
    let keyring = keyring.relock(&session.bus).await?;
    let error = refused(sources.set_secret("shop", TOKEN).await)?;
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    for words in ["locked", "token_file", "token_command"] {
        assert!(error.message().contains(words), "{words}: {error}");
    }
    drop(keyring);
    let error = refused(sources.set_secret("shop", TOKEN).await)?;
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(error.message().contains("token_file"), "{error}");
    sources.remove("shop").await.context("a source can be removed all the same")?;
    Ok(())
}

#[tokio::test]
async fn a_secret_that_was_set_is_in_no_answer_log_or_file() -> Result<()> {
    let desk = Desk::new().await?;
    let sources = desk.sources().await?;
    sources.add(&desk.form("shop", json!({}))).await?;
    sources.set_secret("shop", TOKEN).await?;
    desk.daemon.wait_for_state("shop", SourceState::Online).await?;
    desk.server.faults(|faults| faults.redirect_to_login = true);
    desk.daemon.wait_for_state("shop", SourceState::NeedsLogin).await?;
    let tested = sources.test_settings(&desk.form("shop", json!({})), TOKEN).await?;
    let refusal = refused(sources.set_secret("none", TOKEN).await)?;
    let answers = (
        sources.get("shop").await?,
        sources.kinds().await?,
        sources.list().await?,
        desk.daemon.control().await?.stats().await?,
    );
    let said = format!("{tested:?}{refusal:?}{answers:?}");
    assert!(!said.contains(TOKEN), "D-Bus: {said}");
    assert!(!desk.file()?.contains(TOKEN), "config.toml");
    let log = desk.daemon.log();
    assert!(!log.contains(TOKEN) && log.contains("INFO"), "log: {log}");
    Ok(())
}

#[tokio::test]
async fn a_password_from_a_form_signs_in_to_the_real_server() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let session = Session::start().await?;
    let _keyring = Keyring::unlocked(&session.bus).await?;
    let daemon = session.daemon().await?;
    let sources = daemon.sources().await?;
    let cookie = json!({"auth.mode": "cookie", "auth.username": user.name});
    let settings = form("shop", &server.url(), cookie);
    let (ok, steps) = report(sources.test_settings(&settings, "wrong").await?)?;
    assert!(!ok && steps.contains("password"), "the server's own answer: {steps}");
    let (ok, steps) = report(sources.test_settings(&settings, PASSWORD).await?)?;
    assert!(ok && steps.contains("websocket: connected"), "{steps}");
    sources.add(&settings).await?;
    sources.set_secret("shop", PASSWORD).await?;
    daemon.wait_for_state("shop", SourceState::Online).await?;
    server.notify(&user, &["desde el formulario"]).await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    Ok(())
}

#[tokio::test]
async fn the_first_source_makes_the_file() -> Result<()> {
    let session = Session::start().await?;
    std::fs::remove_dir_all(session.home().join("config"))?;
    let daemon = session.daemon().await?;
    let sources = daemon.sources().await?;
    let kinds = SourceKind::list_from_json(&sources.kinds().await?)?;
    assert!(kinds.iter().any(|kind| kind.preset == "django-channels"), "{kinds:?}");
    let server = FaultyServer::start().await?;
    let url = server.url();
    let bare = json!({"name": "shop", "kind": "json", "preset": "django-channels", "settings": {"url": url}});
    sources.add(&bare.to_string()).await?;
    let shown = SourceSettings::from_json(&sources.get("shop").await?)?;
    assert!(shown.enabled && shown.popups, "what is left out means on: {shown:?}");
    let seen = |status: &SourceStatus| !status.last_error.is_empty();
    daemon.wait_for_source("shop", "that it has no secret yet", seen).await?;
    Ok(())
}
