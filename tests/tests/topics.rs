//! Topics and statistics, as a person and a script ask for them.

use anyhow::Result;
use serde_json::Value;
use tidings_tests::session::Session;
use tidings_tests::tidings::{tidings, tidings_json};

#[tokio::test]
async fn topics_and_statistics_tell_what_was_posted_and_read() -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    for (title, topic) in [("Disk full", "disks"), ("Green", "builds"), ("Red", "builds")] {
        let posted = tidings(&session, &["post", title, "--topic", topic]).await?;
        assert_eq!(posted.code, Some(0), "{posted:?}");
    }
    let read = tidings(&session, &["read", "1"]).await?;
    assert_eq!(read.code, Some(0), "{read:?}");

    let topics = tidings_json(&session, &["topics", "--json"]).await?;
    let told: Vec<(&str, u64)> = topics
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| (row["topic"].as_str().unwrap_or(""), row["unread"].as_u64().unwrap_or(99)))
        .collect();
    assert_eq!(told, [("builds", 2), ("disks", 0)], "the last used first, with its unread");

    let arguments = ["statistics", "--json", "--zone", "Asia/Kathmandu"];
    let told = tidings_json(&session, &arguments).await?;
    let figures = &told[0];
    let sum = |figures: &Value| -> u64 {
        figures.as_array().into_iter().flatten().filter_map(Value::as_u64).sum()
    };
    assert_eq!(sum(&figures["by_hour_of_week"]), 3, "each notification is counted once: {figures}");
    assert_eq!(figures["read_within"]["unread"], 2, "{figures}");
    assert_eq!(figures["busiest_topics"][0]["topic"], "builds", "{figures}");
    Ok(())
}

#[tokio::test]
async fn an_unknown_time_zone_is_refused_with_an_example() -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let refused = tidings(&session, &["statistics", "--zone", "Atlantis"]).await?;
    assert_eq!(refused.code, Some(2), "wrong usage: {refused:?}");
    assert!(refused.stderr.contains("Europe/Madrid"), "says what a zone is: {refused:?}");
    Ok(())
}
