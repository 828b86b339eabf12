use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::bus::Bus;

/// Nothing in these tests takes this long unless it hangs.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// What the program left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The one JSON document on standard output.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {self:?}"))
    }
}

pub(crate) fn command(bus: &Bus, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command
        .args(arguments)
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .env("TZ", "UTC")
        .env_remove("XDG_ACTIVATION_TOKEN")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs to the end.
pub(crate) async fn run(bus: &Bus, arguments: &[&str]) -> Ended {
    end(command(bus, arguments)).await
}

/// Runs to the end on a terminal of so many columns: what it shows, in the order in which it is written.
pub(crate) async fn on_terminal(
    bus: &Bus,
    columns: u16,
    no_color: &str,
    arguments: &[&str],
) -> Ended {
    let words: Vec<String> = arguments.iter().map(|word| format!("'{word}'")).collect();
    let program = env!("CARGO_BIN_EXE_tidings");
    let inside = format!("stty cols {columns}; '{program}' {}", words.join(" "));
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--return", "--command", &inside, "/dev/null"])
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .env("TERM", "xterm-256color")
        .env("TZ", "UTC")
        .env("NO_COLOR", no_color)
        .stdin(Stdio::null());
    end(script).await
}

pub(crate) async fn end(mut command: Command) -> Ended {
    let output = tokio::time::timeout(DEADLINE, command.output()).await;
    let output = output.expect("the program hangs").unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs to the end with this on standard input.
pub(crate) async fn run_with_input(bus: &Bus, arguments: &[&str], input: &[u8]) -> Ended {
    let mut child = command(bus, arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = tokio::spawn(async move {
        // A program that has seen enough closes its end; that is for the test to judge.
        let _ = stdin.write_all(&input).await;
    });
    let output = tokio::time::timeout(DEADLINE, child.wait_with_output()).await;
    let output = output.expect("the program hangs").unwrap();
    writer.abort();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A program that keeps running, read line by line.
#[derive(Debug)]
pub(crate) struct Running {
    _child: Child,
    pub(crate) lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub(crate) fn start(bus: &Bus, arguments: &[&str]) -> Self {
        let mut child = command(bus, arguments).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { _child: child, lines }
    }

    pub(crate) async fn line(&mut self) -> String {
        let line = tokio::time::timeout(DEADLINE, self.lines.next_line()).await;
        line.expect("no line came").unwrap().expect("the program ended")
    }
}

/// Polls until the condition holds.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + DEADLINE;
    while !condition() {
        assert!(tokio::time::Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
