//! The settings that clients edit: kept in the file as people write it, in force at once, and told to everybody.

use anyhow::Result;
use futures_util::StreamExt;
use tidings_api::{Dict, DictWriter};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, until};

fn settings(fill: impl FnOnce(&mut DictWriter)) -> Dict {
    let mut dict = DictWriter::default();
    fill(&mut dict);
    dict.finish()
}

async fn text(daemon: &Tidingsd, key: &str) -> Result<String> {
    let settings = daemon.preferences().await?.get().await?;
    Ok(<&str>::try_from(&settings[key])?.to_owned())
}

#[tokio::test]
async fn without_a_file_the_first_setting_makes_one_and_is_in_force() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let preferences = daemon.preferences().await?;
    assert_eq!(text(&daemon, "app.theme").await?, "system");
    let always = r#"[{"days":["mon-sun"],"from":"00:00","until":"00:00"}]"#;
    let wanted = settings(|dict| {
        dict.put("quiet.schedule", always);
        dict.put("app.theme", "dark");
        dict.put("app.single_keys", false);
    });
    preferences.set(wanted).await?;
    assert_eq!(text(&daemon, "quiet.schedule").await?, always);
    until("quiet by the schedule", DEADLINE, async || {
        daemon.quiet().await.ok()?.active().await.ok()?.then_some(())
    })
    .await?;
    let file = std::fs::read_to_string(session.config_file())?;
    assert!(file.contains("[app]\ntheme = \"dark\"\nsingle_keys = false"), "{file}");

    daemon.terminate().await?;
    let daemon = session.daemon().await?;
    assert_eq!(text(&daemon, "app.theme").await?, "dark", "it is where a restart finds it");
    Ok(())
}

#[tokio::test]
async fn switching_popups_off_and_on_keeps_the_comments() -> Result<()> {
    let session = Session::start().await?;
    session.configure("# mine\n[desktop]\npopups = true # for now\n")?;
    let daemon = session.daemon().await?;
    let preferences = daemon.preferences().await?;
    preferences.set(settings(|dict| dict.put("desktop.popups", false))).await?;
    let file = std::fs::read_to_string(session.config_file())?;
    assert_eq!(file, "# mine\n[desktop]\npopups = false # for now\n");
    until("popups to be off", DEADLINE, async || {
        let id = daemon.post("silent").await.ok()?;
        (daemon.outcome(id).await.ok()?.1 == "popups-off").then_some(())
    })
    .await
}

#[tokio::test]
async fn a_wrong_value_is_refused_in_the_words_of_the_loader_and_changes_nothing() -> Result<()> {
    let session = Session::start().await?;
    session.configure("# mine\n")?;
    let daemon = session.daemon().await?;
    let preferences = daemon.preferences().await?;
    for (key, value, words) in [
        ("app.theme", "pink", "unknown theme"),
        ("retention.max_age", "soon", "is not a duration"),
        ("quiet.schedule", "[{}]", "`days` is missing"),
        ("app.themes", "dark", "unknown key \"app.themes\""),
    ] {
        let wanted = settings(|dict| {
            dict.put("app.density", "compact");
            dict.put(key, value);
        });
        let error = preferences.set(wanted).await.unwrap_err().to_string();
        assert!(error.contains("InvalidArgs") && error.contains(words), "{key}: {error}");
        assert_eq!(std::fs::read_to_string(session.config_file())?, "# mine\n", "all or none");
    }
    assert_eq!(text(&daemon, "app.density").await?, "comfortable");
    Ok(())
}

#[tokio::test]
async fn an_edit_by_hand_is_told_like_one_by_a_client() -> Result<()> {
    let session = Session::start().await?;
    session.configure("")?;
    let daemon = session.daemon().await?;
    let mut changed = daemon.preferences().await?.receive_changed().await?;
    daemon.preferences().await?.set(settings(|dict| dict.put("app.language", "es"))).await?;
    assert!(tokio::time::timeout(DEADLINE, changed.next()).await?.is_some(), "by a client");
    session.configure("[app]\nlanguage = \"pt-BR\"\n")?;
    assert!(tokio::time::timeout(DEADLINE, changed.next()).await?.is_some(), "by hand");
    assert_eq!(text(&daemon, "app.language").await?, "pt-BR");
    Ok(())
}
