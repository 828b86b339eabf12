//! The `tidings` command sets a target up, sends there, and says what came of it, against the real daemon.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tidings_tests::receiver::Receiver;
use tidings_tests::session::Session;
use tidings_tests::tidings::{Ran, tidings, tidings_json};
use tidings_tests::wait::{LONG, until};

const LOOPBACK: &str = "[security]\nallow_private_hosts = [\"127.0.0.1\"]\n";
const TO_THE_HOOK: &str =
    "\n[[route]]\nname = \"alarms\"\nmin_urgency = \"high\"\nto = [\"hook\"]\n";

async fn done(session: &Session, arguments: &[&str]) -> Result<Ran> {
    let ran = tidings(session, arguments).await?;
    anyhow::ensure!(ran.code == Some(0), "tidings {arguments:?}: {ran:?}");
    Ok(ran)
}

/// Waits until the newest delivery to the hook is so far.
async fn wait_for_status(session: &Session, status: &str) -> Result<Value> {
    let arguments = ["deliveries", "--target", "hook", "--limit", "1", "--json"];
    until(&format!("a delivery that is {status}"), LONG, async || {
        let rows = tidings_json(session, &arguments).await.ok()?;
        rows.get(0).filter(|row| row["status"] == status).cloned()
    })
    .await
}

#[tokio::test]
async fn a_target_is_set_up_tried_and_used_from_the_shell() -> Result<()> {
    let session = Session::start().await?;
    let receiver = Receiver::start().await?;
    session.configure(LOOPBACK)?;
    let _daemon = session.daemon().await?;
    let kinds = tidings_json(&session, &["targets", "kinds", "--json"]).await?;
    let webhook = kinds.as_array().context("one array")?.iter().find(|k| k["kind"] == "webhook");
    assert_eq!(webhook.context("a webhook is a kind")?["secret"], "token");

    let added = done(&session, &["targets", "add", "hook", "--kind", "webhook"]).await?;
    assert!(added.stdout.contains("`tidings records add hook ADDRESS`"), "{added:?}");
    let again = tidings(&session, &["targets", "add", "hook", "--kind", "webhook"]).await?;
    assert_eq!(again.code, Some(1), "the name is taken: {again:?}");
    let unknown =
        tidings(&session, &["targets", "add", "x", "--kind", "webhook", "urll=1"]).await?;
    assert_eq!(unknown.code, Some(2), "an unknown key: {unknown:?}");

    let nobody = tidings(&session, &["test", "hook"]).await?;
    assert_eq!(nobody.code, Some(1), "no record receives: {nobody:?}");
    let doctor = tidings(&session, &["doctor"]).await?.stdout;
    assert!(doctor.contains("warn  target hook: it has no record"), "{doctor}");
    let id = done(&session, &["records", "add", "hook", &receiver.url("/in")]).await?;
    assert_eq!(id.stderr, "", "a webhook needs no code");
    let id = id.stdout.trim().to_owned();
    let tested = done(&session, &["test", "hook"]).await?;
    assert!(tested.stdout.trim_end().ends_with(": accepted"), "{tested:?}");
    assert_eq!(receiver.received().len(), 1);

    let posted = done(&session, &["post", "by name", "--target", "hook"]).await?;
    receiver.wait_for(2).await?;
    let row = wait_for_status(&session, "DELIVERED").await?;
    assert_eq!((&row["title"], &row["route"]), (&json!("by name"), &json!("")));
    let explained = done(&session, &["explain", posted.stdout.trim()]).await?.stdout;
    assert!(explained.contains("target=hook") && explained.contains("status=DELIVERED"));
    assert!(explained.contains("reason=not-targeted"), "no popup was asked for: {explained}");

    done(&session, &["records", "disable", &id]).await?;
    done(&session, &["post", "into the void", "--target", "hook"]).await?;
    let row = wait_for_status(&session, "SUPPRESSED").await?;
    assert_eq!(row["reason"], "no-record");
    let retried = tidings(&session, &["retry", &row["id"].to_string()]).await?;
    assert_eq!(retried.code, Some(1), "it never had a record: {retried:?}");
    done(&session, &["targets", "remove", "hook"]).await?;
    let targets = tidings_json(&session, &["targets", "--json"]).await?;
    assert_eq!(targets.as_array().map(Vec::len), Some(1), "the desktop is left: {targets}");
    assert_eq!(tidings_json(&session, &["records", "--json"]).await?, json!([]));
    Ok(())
}

#[tokio::test]
async fn what_a_provider_refuses_is_seen_and_mended_from_the_shell() -> Result<()> {
    let session = Session::start().await?;
    let receiver = Receiver::start().await?;
    let hook = "\n[[target]]\nname = \"hook\"\nkind = \"webhook\"\n";
    session.configure(&format!("{LOOPBACK}{hook}{TO_THE_HOOK}"))?;
    let _daemon = session.daemon().await?;
    done(&session, &["records", "add", "hook", &receiver.url("/in")]).await?;
    let routes = done(&session, &["routes"]).await?.stdout;
    assert_eq!(routes, "alarms: when its urgency is high or above, then to hook\n");

    receiver.answers(401, None);
    let posted = done(&session, &["post", "Disk full", "--urgency", "high"]).await?;
    let id = posted.stdout.trim().to_owned();
    wait_for_status(&session, "RETRY").await?;
    let doctor = tidings(&session, &["doctor", "--json"]).await?;
    let findings: Value = serde_json::from_str(&doctor.stdout)?;
    let finding = findings.as_array().context("one array")?.iter();
    let finding = finding.clone().find(|finding| finding["check"] == "target hook");
    assert_eq!(finding.context("a finding a target")?["status"], "fail", "{findings}");

    receiver.answers(200, None);
    done(&session, &["targets", "resume", "hook"]).await?;
    wait_for_status(&session, "DELIVERED").await?;
    let again = tidings(&session, &["targets", "resume", "hook"]).await?;
    assert_eq!(again.code, Some(1), "it is not paused any more: {again:?}");

    receiver.answers(503, None);
    done(&session, &["post", "later", "--urgency", "high"]).await?;
    let waiting = wait_for_status(&session, "RETRY").await?["id"].to_string();
    assert_eq!(done(&session, &["cancel", &waiting]).await?.stdout, "1\n");
    assert_eq!(wait_for_status(&session, "SUPPRESSED").await?["reason"], "cancelled");
    receiver.answers(200, None);
    assert_eq!(done(&session, &["retry", &waiting]).await?.stdout, "1\n");
    wait_for_status(&session, "DELIVERED").await?;
    let explained = tidings_json(&session, &["explain", &id, "--json"]).await?;
    let decisions = explained[0]["decisions"].as_array().context("decisions")?;
    let of_hook = decisions.iter().find(|decision| decision["target"] == "hook");
    assert_eq!(of_hook.context("told of each target")?["route"], "alarms");
    Ok(())
}
