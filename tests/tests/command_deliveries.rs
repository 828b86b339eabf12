//! What the `tidings` command says about targets that cannot send, and about deliveries that there are not.

use anyhow::{Context, Result};
use serde_json::Value;
use tidings_tests::receiver::Receiver;
use tidings_tests::session::Session;
use tidings_tests::tidings::{Ran, tidings, tidings_json};
use tidings_tests::wait::{LONG, until};

const HOOK: &str = "[security]\nallow_private_hosts = [\"127.0.0.1\"]\n\n[[target]]\nname = \"hook\"\nkind = \"webhook\"\n";

async fn done(session: &Session, arguments: &[&str]) -> Result<Ran> {
    let ran = tidings(session, arguments).await?;
    anyhow::ensure!(ran.code == Some(0), "tidings {arguments:?}: {ran:?}");
    Ok(ran)
}

/// It ends with this code and says these words on standard error.
async fn refused(session: &Session, arguments: &[&str], code: i32, words: &str) -> Result<Ran> {
    let ran = tidings(session, arguments).await?;
    anyhow::ensure!(
        ran.code == Some(code),
        "tidings {arguments:?} should end with {code}: {ran:?}"
    );
    anyhow::ensure!(
        ran.stderr.contains(words),
        "tidings {arguments:?} does not say {words}: {ran:?}"
    );
    Ok(ran)
}

async fn state(session: &Session, target: &str) -> Option<String> {
    let rows = tidings_json(session, &["targets", "--json"]).await.ok()?;
    let row = rows.as_array()?.iter().find(|row| row["name"] == target)?;
    Some(row["state"].as_str()?.to_owned())
}

#[tokio::test]
async fn a_post_to_a_target_that_is_off_is_told_and_explained() -> Result<()> {
    let session = Session::start().await?;
    let receiver = Receiver::start().await?;
    session.configure(HOOK)?;
    let _daemon = session.daemon().await?;
    done(&session, &["records", "add", "hook", &receiver.url("/in")]).await?;
    done(&session, &["targets", "disable", "hook"]).await?;
    let posted = done(&session, &["post", "Disk full", "--target", "hook"]).await?;
    assert!(posted.stderr.contains("tidings targets enable hook"), "{posted:?}");
    let id = posted.stdout.trim();
    let explained = done(&session, &["explain", id]).await?.stdout;
    assert!(explained.contains("target=hook") && explained.contains("reason=target-off"));
    let listed = done(&session, &["deliveries"]).await?.stdout;
    assert!(listed.contains("target-off"), "it has a row: {listed}");
    assert!(!listed.contains("not-targeted"), "which no row of the screen hides: {listed}");
    let all = done(&session, &["deliveries", "--all"]).await?.stdout;
    assert!(all.contains("not-targeted"), "unless it is asked for: {all}");
    assert!(receiver.received().is_empty());
    Ok(())
}

#[tokio::test]
async fn what_there_is_not_is_said_and_the_rest_is_done() -> Result<()> {
    let session = Session::start().await?;
    session.configure(HOOK)?;
    let _daemon = session.daemon().await?;
    let posted = done(&session, &["post", "a"]).await?;
    let id = posted.stdout.trim();
    let both = refused(&session, &["explain", id, "999"], 1, "999").await?;
    assert!(both.stdout.contains("arrival"), "the other one is explained: {both:?}");
    refused(&session, &["deliveries", "--target", "nosuch"], 1, "no target \"nosuch\"").await?;
    refused(&session, &["deliveries", "--record", "99"], 1, "no record 99").await?;
    refused(&session, &["deliveries", "--notification", "99"], 1, "no notification 99").await?;
    refused(&session, &["post", "a", "--target", "nosuch"], 1, "known: desktop, hook").await?;
    refused(&session, &["post", "a", "--at", "2020-01-31"], 2, "in the past").await?;
    let nothing = done(&session, &["deliveries", "--target", "hook"]).await?;
    assert_eq!(nothing.stdout, "", "a target to which nothing was sent is no mistake");
    Ok(())
}

#[tokio::test]
async fn an_address_that_can_never_be_called_is_refused_with_the_way_out() -> Result<()> {
    let session = Session::start().await?;
    let home =
        "\n[[target]]\nname = \"home\"\nkind = \"webhook\"\nurl = \"https://hooks.example.org\"\n";
    let bell = "\n[[target]]\nname = \"bell\"\nkind = \"command\"\nrun = [\"true\"]\n";
    session.configure(&format!("{HOOK}{home}{bell}"))?;
    let _daemon = session.daemon().await?;
    for address in ["http://hooks.example.org/", "https://192.168.1.1/reboot", "https://localhost/"]
    {
        refused(&session, &["records", "add", "hook", address], 2, "allow_private_hosts").await?;
    }
    let elsewhere = ["records", "add", "home", "https://evil.example/"];
    refused(&session, &elsewhere, 2, "make another target").await?;
    done(&session, &["records", "add", "home", "https://hooks.example.org/in"]).await?;
    refused(&session, &["targets", "test", "bell", "foo"], 2, "exactly one recipient").await?;
    let plain = [
        "targets",
        "add",
        "post",
        "--kind",
        "email",
        "server=smtp://mail.example.org",
        "from=a@example.org",
        "tls=none",
    ];
    refused(&session, &plain, 2, "allow_insecure_hosts").await?;
    let with_headers =
        ["targets", "add", "chat", "--kind", "webhook", "headers={\"X-A\": \"{{ title }}\"}"];
    done(&session, &with_headers).await?;
    assert!(std::fs::read_to_string(session.config_file())?.contains("X-A"));
    let shouting = ["targets", "add", "loud", "--kind", "webhook", "title={{ title|shout }}"];
    refused(&session, &shouting, 2, "shout").await?;
    let gone = done(&session, &["targets", "remove", "home"]).await?;
    assert!(gone.stdout.contains("its record"), "{gone:?}");
    Ok(())
}

#[tokio::test]
async fn a_secret_that_is_not_there_and_credentials_that_are_refused_show_before_anything_is_sent()
-> Result<()> {
    let session = Session::start().await?;
    let receiver = Receiver::start().await?;
    let secret = format!(
        "\n[[target]]\nname = \"safe\"\nkind = \"ntfy\"\nurl = \"{}\"\ntoken_file = \"/nowhere/token\"\n",
        receiver.url("")
    );
    session.configure(&format!("{HOOK}{secret}"))?;
    let _daemon = session.daemon().await?;
    done(&session, &["records", "add", "safe", "alerts"]).await?;
    let doctor = tidings(&session, &["doctor", "--json"]).await?;
    let findings: Value = serde_json::from_str(&doctor.stdout)?;
    let of_safe =
        findings.as_array().context("an array")?.iter().find(|f| f["check"] == "target safe");
    let of_safe = of_safe.context("a finding a target")?;
    assert_eq!(of_safe["status"], "fail", "{of_safe}");
    assert!(of_safe["message"].as_str().context("words")?.contains("/nowhere/token"), "{of_safe}");

    done(&session, &["records", "add", "hook", &receiver.url("/in")]).await?;
    receiver.answers(401, None);
    assert_eq!(tidings(&session, &["targets", "test", "hook"]).await?.code, Some(1));
    assert_eq!(
        state(&session, "hook").await.as_deref(),
        Some("paused"),
        "it would refuse the next one, too"
    );
    done(&session, &["post", "waits", "--target", "hook"]).await?;
    receiver.answers(200, None);
    done(&session, &["targets", "test", "hook"]).await?;
    assert_eq!(state(&session, "hook").await.as_deref(), Some("ready"));
    until("what waited is sent", LONG, async || {
        receiver.received().iter().any(|request| request.body["title"] == "waits").then_some(())
    })
    .await
}
