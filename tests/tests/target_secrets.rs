//! The secret of a target, in a real keyring: it stays where it belongs, whatever is edited around it.

use anyhow::Result;
use serde_json::{Value, json};
use tidings_api::{Dict, SourceState, Targets1Proxy};
use tidings_tests::faulty_server::{FaultyServer, TOKEN};
use tidings_tests::keyring::Keyring;
use tidings_tests::receiver::Receiver;
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;

const SECRET: &str = "tk_of_the_phone";

/// A target that publishes with a token to a server on loopback.
struct Desk {
    session: Session,
    daemon: Tidingsd,
    server: Receiver,
    _keyring: Keyring,
}

impl Desk {
    async fn new() -> Result<Self> {
        let session = Session::start().await?;
        let keyring = Keyring::unlocked(&session.bus).await?;
        let daemon = session.daemon().await?;
        let server = Receiver::start().await?;
        let desk = Self { session, daemon, server, _keyring: keyring };
        let targets = desk.targets().await?;
        targets.add(&desk.form(json!({}), "keyring")).await?;
        targets.set_secret("phone", SECRET).await?;
        targets.add_record("phone", "alerts", Dict::new()).await?;
        Ok(desk)
    }

    async fn targets(&self) -> Result<Targets1Proxy<'static>> {
        self.daemon.targets().await
    }

    fn form(&self, more: Value, secret: &str) -> String {
        let mut settings = json!({ "url": self.server.url("") });
        if let (Some(settings), Value::Object(more)) = (settings.as_object_mut(), more) {
            settings.extend(more);
        }
        json!({ "name": "phone", "kind": "ntfy", "settings": settings, "secret": secret })
            .to_string()
    }

    /// Sends a test; answers the credentials that came with it to a server.
    async fn credentials_at(&self, server: &Receiver) -> Result<String> {
        let before = server.received().len();
        self.targets().await?.test("phone", "").await?;
        Ok(server.wait_for(before + 1).await?[before].authorization.clone())
    }
}

#[tokio::test]
async fn what_leads_nowhere_else_leaves_the_secret_where_it_is() -> Result<()> {
    let desk = Desk::new().await?;
    let bearer = format!("Bearer {SECRET}");
    assert_eq!(desk.credentials_at(&desk.server).await?, bearer);
    // As a text it is a whole address, and nobody connects there.
    let title = json!({ "title": "https://status.example.org/" });
    desk.targets().await?.update(&desk.form(title, "keyring")).await?;
    assert_eq!(desk.credentials_at(&desk.server).await?, bearer, "the title is not a server");
    Ok(())
}

#[tokio::test]
async fn a_secret_does_not_follow_its_target_to_another_server() -> Result<()> {
    let desk = Desk::new().await?;
    let elsewhere = Receiver::start().await?;
    let url = json!({ "url": elsewhere.url("") });
    desk.targets().await?.update(&desk.form(url, "keyring")).await?;
    desk.targets().await?.test("phone", "").await?;
    let leaked = elsewhere.received().iter().any(|request| !request.authorization.is_empty());
    assert!(!leaked, "the token was for the other one");
    Ok(())
}

#[tokio::test]
async fn a_target_stays_of_its_kind() -> Result<()> {
    let desk = Desk::new().await?;
    let form = json!({ "name": "phone", "kind": "expo", "settings": { "url": Value::Null } });
    let refused = desk.targets().await?.update(&form.to_string()).await;
    let refused = refused.expect_err("its token would go to another provider").to_string();
    assert!(refused.contains("remove it and add another one"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn a_new_secret_counts_at_once() -> Result<()> {
    let desk = Desk::new().await?;
    desk.credentials_at(&desk.server).await?;
    desk.targets().await?.set_secret("phone", "tk_newer").await?;
    assert_eq!(desk.credentials_at(&desk.server).await?, "Bearer tk_newer");
    Ok(())
}

#[tokio::test]
async fn a_target_that_cannot_be_added_takes_no_secret_of_a_source_of_its_name() -> Result<()> {
    let desk = Desk::new().await?;
    let server = FaultyServer::start().await?;
    let source = json!({
        "name": "shop", "kind": "json", "preset": "django-channels", "enabled": true, "popups": true,
        "min_urgency": "low", "settings": { "url": server.url() }, "secret": "keyring",
    });
    let sources = desk.daemon.sources().await?;
    sources.add(&source.to_string()).await?;
    sources.set_secret("shop", TOKEN).await?;
    desk.daemon.wait_for_state("shop", SourceState::Online).await?;
    let target = json!({ "name": "shop", "kind": "ntfy", "secret": "keyring" }).to_string();
    desk.targets().await?.add(&target).await.expect_err("the name is taken");
    desk.daemon.terminate().await?;
    let daemon = desk.session.daemon().await?;
    daemon.wait_for_state("shop", SourceState::Online).await?;
    Ok(())
}

#[tokio::test]
async fn a_file_that_cannot_be_written_costs_no_secret() -> Result<()> {
    let desk = Desk::new().await?;
    let elsewhere = Receiver::start().await?;
    let file = desk.session.config_file();
    let mut permissions = std::fs::metadata(&file)?.permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&file, permissions)?;
    let url = json!({ "url": elsewhere.url("") });
    desk.targets().await?.update(&desk.form(url, "keyring")).await.expect_err("it is read-only");
    assert_eq!(desk.credentials_at(&desk.server).await?, format!("Bearer {SECRET}"));
    Ok(())
}
