//! Secrets in a real GNOME Keyring: unlocked, locked and absent. What the command stores, the daemon
//! reads; no state makes either hang, and no error repeats a secret.
//!
//! The session bus of a process is fixed when it starts, so that each step runs in a child: this
//! program again, with the address of a private bus.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use secrecy::ExposeSecret;
use tidings_daemon::config::SecretOrigin;
use tidings_tests::bus::PrivateBus;
use tidings_tests::keyring::Keyring;
use tidings_tests::programs;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

const SECRET: &str = "hunter2-in-the-keyring";
const STEP: &str = "TIDINGS_TEST_KEYRING_STEP";
/// Longest a step may take in any state; the daemon's own limit is ten seconds.
const LIMIT: Duration = Duration::from_secs(30);

/// Everything a step printed.
struct Report(String);

impl Report {
    fn says(&self, words: &str) -> Result<()> {
        ensure!(self.0.contains(words), "expected {words:?} in: {}", self.0);
        ensure!(!self.0.contains(SECRET), "a secret was printed: {}", self.0);
        Ok(())
    }
}

/// `tidings secret …` as a person runs it, with the secret on standard input.
async fn command(bus: &PrivateBus, action: &str) -> Result<Report> {
    let mut child = Command::new(programs::tidings()?)
        .args(["secret", action, "home"])
        .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = child.stdin.take().context("the command has no input")?;
    // `delete` reads nothing and may have ended already.
    let _unread = input.write_all(format!("{SECRET}\n").as_bytes()).await;
    drop(input);
    let output = tokio::time::timeout(LIMIT, child.wait_with_output()).await;
    let output = output.context("the command must not hang")??;
    let text = [output.stdout, output.stderr].concat();
    Ok(Report(String::from_utf8_lossy(&text).into_owned()))
}

async fn step(bus: &PrivateBus, step: &str) -> Result<Report> {
    let child = Command::new(std::env::current_exe()?)
        .args(["--exact", "one_step", "--ignored", "--nocapture"])
        .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .env(STEP, step)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(LIMIT, child).await.context("a step must not hang")??;
    let text = [output.stdout, output.stderr].concat();
    Ok(Report(String::from_utf8_lossy(&text).into_owned()))
}

#[tokio::test]
#[ignore = "one step of the other tests, run by them in a process with a bus of its own"]
async fn one_step() {
    match std::env::var(STEP).unwrap_or_default().as_str() {
        "read" => match tidings_daemon::secrets::resolve(&SecretOrigin::Keyring, "home").await {
            Ok(secret) => {
                println!("right: {}, shown: {secret:?}", secret.expose_secret() == SECRET);
            }
            Err(error) => {
                println!("error: {error}, debug: {error:?}, passes: {}", error.may_pass());
            }
        },
        step => panic!("unknown step {step:?}"),
    }
}

#[tokio::test]
async fn what_the_command_stores_the_daemon_reads_until_it_is_deleted() -> Result<()> {
    let bus = PrivateBus::start()?;
    let _keyring = Keyring::unlocked(&bus).await?;
    step(&bus, "read").await?.says("run `tidings secret set home`")?;
    command(&bus, "delete").await?.says("the keyring holds no secret for \"home\"")?;
    // Twice: the newer takes the place of the older.
    command(&bus, "set").await?.says("stored; a source \"home\"")?;
    command(&bus, "set").await?.says("stored; a source \"home\"")?;
    step(&bus, "read").await?.says("right: true")?;
    command(&bus, "delete").await?.says("no secret for \"home\" any more")?;
    step(&bus, "read").await?.says("the keyring holds no secret for \"home\"")
}

#[tokio::test]
async fn what_another_program_stores_the_daemon_reads() -> Result<()> {
    let bus = PrivateBus::start()?;
    let _keyring = Keyring::unlocked(&bus).await?;
    let mut tool = Command::new("secret-tool")
        .args(["store", "--label=x", "application", "org.tidings.Tidings", "source", "home"])
        .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("starting secret-tool; is the package \"libsecret-tools\" installed?")?;
    let mut input = tool.stdin.take().context("secret-tool has no input")?;
    input.write_all(SECRET.as_bytes()).await?;
    drop(input);
    let status = tokio::time::timeout(LIMIT, tool.wait()).await??;
    ensure!(status.success(), "secret-tool failed: {status}");
    step(&bus, "read").await?.says("right: true")
}

#[tokio::test]
async fn a_locked_keyring_says_so_and_asks_nobody() -> Result<()> {
    let bus = PrivateBus::start()?;
    let keyring = Keyring::unlocked(&bus).await?;
    command(&bus, "set").await?.says("stored; a source \"home\"")?;
    let _keyring = keyring.relock(&bus).await?;
    let report = step(&bus, "read").await?;
    report.says("the keyring is locked: unlock it")?;
    report.says("passes: true")?;
    command(&bus, "set").await?.says("locked")
}

#[tokio::test]
async fn without_a_secret_service_the_way_out_is_told() -> Result<()> {
    let bus = PrivateBus::start()?;
    let report = step(&bus, "read").await?;
    report.says("no Secret Service on this bus: start one")?;
    report.says("token_file")?;
    command(&bus, "set").await?.says("no Secret Service on this bus: start one")
}

#[tokio::test]
async fn a_secret_service_that_never_answers_is_given_up() -> Result<()> {
    let bus = PrivateBus::start()?;
    // Owns the name and serves nothing: what a hung password manager looks like.
    let mute = bus.connect().await?;
    mute.request_name("org.freedesktop.secrets").await?;
    let report = step(&bus, "read").await?;
    report.says("the Secret Service did not answer within 10 seconds")?;
    report.says("passes: true")
}
