use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use rstest::rstest;
use secrecy::SecretString;
use tidings_api::Urgency;

use super::*;
use crate::config::Security;
use crate::net::http::Http;
use crate::secrets::Given;

fn table(text: &str) -> toml::Table {
    text.parse().unwrap()
}

/// A target that runs a script of the shell; its words stand in `$1` and so on.
fn shell(script: &str, more: &str) -> Spec {
    let mut settings = table(more);
    let run = ["/bin/sh", "-c", script, "sh", "--", "$HOME `id`", ""];
    settings.insert("run".into(), toml::Value::try_from(run).unwrap());
    read(&settings).unwrap()
}

fn message() -> Message {
    Message {
        identity: "m-17-1".into(),
        title: "Disk full".into(),
        body: "92 % of /var\nCall Ana".into(),
        url: "https://nas.example.org/disks".into(),
        urgency: Urgency::High,
        source: "nas".into(),
        topic: "disks\u{1b}[31m\n".into(),
        tags: vec!["disk".into()],
        notification: 17,
        count: 1,
        at: 1_795_780_800_000,
        ..Message::default()
    }
}

async fn run(script: &str, more: &str) -> Outcome {
    shell(script, more).deliver(&message()).await
}

fn told(outcome: Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Accepted { .. } => ("accepted", String::new()),
        Outcome::Retry { why, .. } => ("retry", why),
        Outcome::Unknown { why } => ("unknown", why),
        Outcome::Gone { why } => ("gone", why),
        Outcome::Refused { why } => ("refused", why),
        Outcome::OptedOut { why } => ("opted out", why),
        Outcome::Misconfigured { why } => ("misconfigured", why),
    }
}

/// What a script has written to the file that its first line opens.
async fn written(script: &str, more: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("written");
    let outcome = run(&format!("exec 3>'{}'\n{script}", file.display()), more).await;
    assert_eq!(outcome, Outcome::Accepted { receipt: None });
    std::fs::read_to_string(file).unwrap()
}

#[tokio::test]
async fn the_message_is_read_from_standard_input_which_then_ends() {
    let text = written("cat >&3", "").await;
    assert_eq!(text, "Disk full\n\n92 % of /var\nCall Ana\n\nhttps://nas.example.org/disks\n");
    let json = written("cat >&3", "format = \"json\"").await;
    assert_eq!(json.lines().count(), 1, "one object on one line: {json}");
    let expected = json!({
        "id": 17, "identity": "m-17-1", "title": "Disk full", "body": "92 % of /var\nCall Ana",
        "url": "https://nas.example.org/disks", "urgency": "high", "source": "nas",
        "topic": "disks\u{1b}[31m\n", "key": "", "tags": ["disk"], "actor": "", "count": 1,
        "at": 1_795_780_800_000_i64, "expires_at": null,
    });
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), expected);
}

#[tokio::test]
async fn arguments_are_literal_and_hold_nothing_of_the_message() {
    let words = written("printf '<%s>' \"$@\" >&3", "").await;
    assert_eq!(words, "<--><$HOME `id`><>");
}

#[tokio::test]
async fn five_variables_tell_what_it_is_about_in_plain_characters() {
    let variables = written("env | grep ^TIDINGS_ | sort >&3", "").await;
    // The environment in which the tests are run may have some of its own, such as `TIDINGS_LOG`.
    let own = |line: &&str| {
        line.split_once('=')
            .is_some_and(|(name, value)| std::env::var(name).as_deref() == Ok(value))
    };
    let told: Vec<&str> = variables.lines().filter(|line| !own(line)).collect();
    assert_eq!(
        told,
        [
            "TIDINGS_ID=17",
            "TIDINGS_IDENTITY=m-17-1",
            "TIDINGS_SOURCE=nas",
            "TIDINGS_TOPIC=disks[31m",
            "TIDINGS_URGENCY=high",
        ]
    );
}

#[test]
fn what_systemd_tells_the_daemon_is_not_passed_on() {
    let command = shell("true", "").command(&message());
    let removed =
        |name: &str| command.as_std().get_envs().any(|(key, value)| key == name && value.is_none());
    assert!(removed("NOTIFY_SOCKET") && removed("CREDENTIALS_DIRECTORY"));
}

#[rstest]
#[case("exit 0", "accepted")]
#[case("exit 1", "refused")]
#[case("exit 64", "misconfigured")]
#[case("exit 65", "refused")]
#[case("exit 67", "refused")]
#[case("exit 69", "retry")]
#[case("exit 70", "refused")]
#[case("exit 71", "retry")]
#[case("exit 74", "retry")]
#[case("exit 75", "retry")]
#[case("exit 77", "misconfigured")]
#[case("exit 78", "misconfigured")]
#[case("no-such-program-here", "misconfigured")]
#[case("/", "misconfigured")]
#[case("kill -KILL $$", "unknown")]
#[case("kill -TERM $$", "unknown")]
#[tokio::test]
async fn an_end_means(#[case] script: &str, #[case] expected: &str) {
    let (kind, why) = told(run(script, "").await);
    assert_eq!(kind, expected, "{why}");
    assert!(kind == "accepted" || why.contains("`/bin/sh`"), "says which program: {why}");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_a_matter_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let plain_file = folder.path().join("file");
    std::fs::write(&plain_file, "x").unwrap();
    for program in ["no-such-program-here", "/no/such/program", plain_file.to_str().unwrap()] {
        let spec = read(&table(&format!("run = [\"{program}\"]"))).unwrap();
        let (kind, why) = told(spec.deliver(&message()).await);
        assert_eq!(kind, "misconfigured", "{program}");
        assert!(why.contains(program) && why.contains("`run`"), "{why}");
    }
}

#[tokio::test]
async fn the_last_line_of_standard_error_is_told_without_the_message() {
    let script = "cat >&2; echo chatter; echo >&2 'refused: Disk full, Call Ana at https://nas.example.org/disks\u{1b}[31m'; echo >&2; exit 1";
    let (_, why) = told(run(script, "").await);
    assert_eq!(why, "`/bin/sh` ended with status 1: refused: …, … at …[31m");
    let (_, why) =
        told(run("printf '%300s' x >&2; printf '%5000s\\n' | tr ' ' y >&2; exit 1", "").await);
    assert!(why.chars().count() < 240, "it is bounded: {why}");
}

/// Waits until a process has ended and is not merely waiting to be reaped.
async fn gone(pid: i32) {
    let running = || {
        std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| !rest.starts_with(" Z")))
    };
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while running() {
        assert!(tokio::time::Instant::now() < deadline, "it must not be left behind");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn pid_in(file: &Path) -> i32 {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if let Some(pid) = text.strip_suffix('\n') {
            return pid.parse().unwrap();
        }
        assert!(tokio::time::Instant::now() < deadline, "the script writes its number");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_program_that_takes_too_long_is_ended_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!("sleep 600 & echo $! > '{}'; wait", file.display());
    let (kind, why) = told(run(&script, "timeout = \"1s\"").await);
    assert_eq!(kind, "unknown", "it may have done its work: {why}");
    assert!(why.contains("within 1 s"), "{why}");
    gone(pid_in(&file).await).await;
}

#[tokio::test]
async fn an_attempt_that_is_given_up_ends_the_program_and_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let spec = shell(&format!("sleep 600 & echo $! > '{}'; wait", file.display()), "");
    let pid = {
        let message = message();
        let mut delivery = spec.deliver(&message);
        tokio::select! {
            outcome = &mut delivery => panic!("it has ended: {outcome:?}"),
            pid = pid_in(&file) => pid,
        }
    };
    gone(pid).await;
}

#[tokio::test]
async fn what_a_program_leaves_in_the_background_does_not_hold_the_queue() {
    let outcome = run("sleep 60 & exit 0", "timeout = \"30s\"").await;
    assert_eq!(outcome, Outcome::Accepted { receipt: None }, "its pipe stays open");
}

#[tokio::test]
async fn a_program_may_read_nothing_and_say_much() {
    let long = Message { body: "x".repeat(1_000_000), ..message() };
    let outcome = shell("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2", "");
    assert_eq!(outcome.deliver(&long).await, Outcome::Accepted { receipt: None });
}

#[rstest]
#[case("", "run")]
#[case("run = []", "run")]
#[case("run = [\"\"]", "run")]
#[case("run = \"page --now\"", "run")]
#[case("run = [\"bin/page\"]", "run")]
#[case("run = [\"page\", \"a\\u0000b\"]", "run")]
#[case("run = [\"page\"]\ntimeout = \"10m\"", "timeout")]
#[case("run = [\"page\"]\ntimeout = \"soon\"", "timeout")]
#[case("run = [\"page\"]\nformat = \"xml\"", "format")]
#[case("run = [\"page\"]\nshell = true", "shell")]
fn what_is_wrong_is_told_at_its_key(#[case] keys: &str, #[case] key: &str) {
    let problems = check(&table(keys));
    assert_eq!(problems.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(), [key], "{problems:?}");
}

#[test]
fn a_target_is_built_of_what_passed_the_check() {
    let deps = Deps {
        http: Http::new().unwrap(),
        secrets: Arc::new(Given(SecretString::from(""))),
        security: Security::default(),
    };
    let config = |keys: &str| TargetConfig {
        name: "page".into(),
        kind: "command".into(),
        enabled: true,
        title: None,
        body: None,
        max_retries: 3,
        retry_interval: None,
        burst: 10,
        refill: Duration::from_secs(60),
        digest: None,
        quiet: false,
        secret: None,
        settings: table(keys),
    };
    assert!(build(&config("run = [\"page\"]"), &deps).is_ok());
    assert!(build(&config("run = 1"), &deps).is_err());
    assert!((KIND.fields)().is_empty(), "no form sets what the daemon runs");
}

proptest! {
    #[test]
    fn variables_hold_no_control_characters(source in "(.|\\n){0,40}", topic: String, identity: String) {
        let message = Message { source, topic, identity, ..message() };
        let command = shell("true", "").command(&message);
        for (_, value) in command.as_std().get_envs() {
            let value = value.map(|value| value.to_string_lossy().into_owned()).unwrap_or_default();
            prop_assert!(!value.chars().any(char::is_control), "{value:?}");
        }
    }
}
