//! Posting from other programs, exactly as `docs/dbus.md` says: its examples are run as they stand there.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tidings_api::{Filter, View, names};
use tidings_tests::django;
use tidings_tests::documented::{Example, examples};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::DEADLINE;

const PAGE: &str = "dbus.md";

/// The examples that post and are run with this program.
fn posting_with(program: &str) -> Result<Vec<Example>> {
    let posts = |example: &Example| {
        example.code.contains(names::POST)
            && example.code.contains("Post")
            && uses(example, program)
    };
    let found: Vec<Example> = examples(PAGE)?.into_iter().filter(posts).collect();
    ensure!(!found.is_empty(), "docs/{PAGE} has no example of posting with {program}");
    Ok(found)
}

fn uses(example: &Example, program: &str) -> bool {
    if program == "python3" {
        return matches!(example.language.as_str(), "python" | "python3" | "py");
    }
    let shell = matches!(example.language.as_str(), "sh" | "bash" | "console" | "shell");
    shell && example.code.split_whitespace().any(|word| word == program)
}

async fn run(session: &Session, example: &Example) -> Result<String> {
    let mut command = if example.language.starts_with("py") {
        // The packages that the page names are in the environment of the fixture.
        let mut command = session.command(django::python()?)?;
        command.args(["-c", &example.code]);
        command
    } else {
        let mut command = session.command("bash")?;
        command.args(["-euc", &example.code]);
        command
    };
    let output = tokio::time::timeout(DEADLINE, command.stdin(Stdio::null()).output())
        .await
        .with_context(|| format!("docs/{PAGE}:{}: does not end", example.line))??;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "docs/{PAGE}:{}: fails: {words}", example.line);
    Ok(String::from_utf8(output.stdout)?)
}

async fn rows(daemon: &Tidingsd) -> Result<usize> {
    Ok(daemon.list(&Filter { view: View::All, ..Filter::default() }).await?.len())
}

async fn every_example_posts(program: &str) -> Result<()> {
    for example in posting_with(program)? {
        let session = Session::start().await?;
        let daemon = session.daemon().await?;
        let output = run(&session, &example).await?;
        let stored = rows(&daemon).await?;
        assert!(
            stored > 0,
            "docs/{PAGE}:{}: nothing was stored; it printed {output:?}",
            example.line
        );
        let shown = session.popups.wait_for_shown(1, Duration::from_secs(10)).await?;
        assert!(!shown[0].summary.is_empty(), "docs/{PAGE}:{}: the popup has words", example.line);
    }
    Ok(())
}

#[tokio::test]
async fn busctl_posts_as_documented() -> Result<()> {
    every_example_posts("busctl").await
}

#[tokio::test]
async fn gdbus_posts_as_documented() -> Result<()> {
    every_example_posts("gdbus").await
}

#[tokio::test]
async fn dbus_send_posts_as_documented() -> Result<()> {
    every_example_posts("dbus-send").await
}

#[tokio::test]
async fn python_posts_as_documented() -> Result<()> {
    every_example_posts("python3").await
}

#[test]
fn the_examples_need_nothing_of_one_machine() -> Result<()> {
    for example in examples(PAGE)? {
        for word in example.code.split_whitespace() {
            let absolute = Path::new(word.trim_matches(['"', '\''])).starts_with("/home");
            assert!(!absolute, "docs/{PAGE}:{}: {word}", example.line);
        }
    }
    Ok(())
}
