use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::error::SecretError;
use super::line::{MAX_BYTES, first_line};
use crate::process::kill_group;

/// How long a command may take: long enough to type a passphrase into its dialog.
const LIMIT: Duration = Duration::from_secs(20);
/// How long the output may still flow after the command has ended. An agent that it left in the
/// background can hold the pipe open for ever.
const AFTERGLOW: Duration = Duration::from_millis(500);
/// Most of standard error that is told, in characters; the end of it says what went wrong.
const COMPLAINT_CHARACTERS: usize = 400;

/// Runs a command, without a shell, and takes the first line of its standard output.
pub(super) async fn read(words: &[String]) -> Result<SecretString, SecretError> {
    read_within(words, LIMIT).await
}

async fn read_within(words: &[String], limit: Duration) -> Result<SecretString, SecretError> {
    let (program, arguments) = words.split_first().map_or(("", &[][..]), |(p, a)| (p.as_str(), a));
    let named = || program.to_owned();
    let missing = |source| SecretError::CommandMissing { program: named(), source };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(missing)?;
    let finished = timeout(limit, finish(&mut child)).await;
    let Ok(finished) = finished else {
        kill_group(&child);
        return Err(SecretError::CommandHangs { program: named(), limit });
    };
    let Finished { status, output, complaint } = finished.map_err(missing)?;
    if !status.success() {
        let complaint = tell(&complaint, &output);
        return Err(SecretError::CommandFailed { program: named(), status, complaint });
    }
    first_line(&output, || format!("the token command `{program}`"))
}

struct Finished {
    status: ExitStatus,
    output: Zeroizing<Vec<u8>>,
    complaint: Zeroizing<Vec<u8>>,
}

/// Waits for the end of the command while its pipes are drained.
async fn finish(child: &mut Child) -> io::Result<Finished> {
    let mut output = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 2));
    let mut complaint = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 2));
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let status = {
        let drain = async {
            tokio::join!(drain(stdout, &mut output), drain(stderr, &mut complaint));
        };
        let mut drain = pin!(drain);
        let (status, drained) = tokio::select! {
            status = child.wait() => (status, false),
            () = &mut drain => (child.wait().await, true),
        };
        if !drained {
            // What has not come by then belongs to somebody else.
            let _ = timeout(AFTERGLOW, drain).await;
        }
        status?
    };
    Ok(Finished { status, output, complaint })
}

/// Reads a pipe to its end, keeping only its beginning: a talkative command must neither block nor
/// fill the memory. The buffer never grows, so that no copy of a secret is left behind.
async fn drain(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut pipe) = pipe else {
        return;
    };
    let mut chunk = Zeroizing::new([0; 4096]);
    while let Ok(count @ 1..) = pipe.read(&mut chunk[..]).await {
        let room = (kept.capacity() - kept.len()).min(count);
        kept.extend_from_slice(&chunk[..room]);
    }
}

/// The end of standard error for a person, after a colon. A line of standard output that shows up in
/// it may be the secret and is left out.
fn tell(complaint: &[u8], output: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(complaint).into_owned();
    for line in String::from_utf8_lossy(output).lines().map(str::trim) {
        if !line.is_empty() {
            text = text.replace(line, "…");
        }
    }
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let text = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let skipped = text.chars().count().saturating_sub(COMPLAINT_CHARACTERS);
    let end: String = text.chars().skip(skipped).collect();
    if end.is_empty() { end } else { format!(": {end}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn shell(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(str::to_owned).to_vec()
    }

    async fn failure(script: &str) -> SecretError {
        read(&shell(script)).await.expect_err("the command must fail")
    }

    #[tokio::test]
    async fn the_first_line_of_the_output_is_the_secret() {
        let secret = read(&shell("echo hunter2; echo user: ana; echo chatter >&2")).await.unwrap();
        assert_eq!(secret.expose_secret(), "hunter2");
    }

    #[tokio::test]
    async fn no_shell_reads_the_arguments() {
        let words = ["printf", "%s", "~/$HOME `id`"].map(str::to_owned);
        assert_eq!(read(&words).await.unwrap().expose_secret(), "~/$HOME `id`");
    }

    #[tokio::test]
    async fn a_failure_tells_the_status_and_standard_error_but_never_standard_output() {
        let error = failure("echo hunter2; echo 'no such entry: hunter2' >&2; exit 3").await;
        let text = error.to_string();
        assert_eq!(text, "the token command `sh` failed (exit status: 3): no such entry: …");
        assert!(!format!("{error:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let error = read(&["no-such-program-here".to_owned()]).await.unwrap_err();
        assert!(error.to_string().contains("`no-such-program-here` could not be started"));
        assert!(!error.may_pass(), "trying again does not install it");
    }

    #[tokio::test]
    async fn a_command_that_waits_is_killed_with_everything_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", pid.display());
        let error = read_within(&shell(&script), Duration::from_secs(1)).await.unwrap_err();
        assert!(matches!(error, SecretError::CommandHangs { .. }), "{error}");
        let pid: i32 = std::fs::read_to_string(&pid).unwrap().trim().parse().unwrap();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while is_running(pid) {
            assert!(
                tokio::time::Instant::now() < deadline,
                "the grandchild must not be left behind"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Running, and not merely waiting to be reaped.
    fn is_running(pid: i32) -> bool {
        std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| !rest.starts_with(" Z")))
    }

    #[tokio::test]
    async fn an_agent_left_in_the_background_does_not_hold_the_secret_back() {
        let words = shell("sleep 60 & echo hunter2");
        let secret = read_within(&words, Duration::from_secs(15)).await.unwrap();
        assert_eq!(secret.expose_secret(), "hunter2");
    }

    #[tokio::test]
    async fn a_talkative_command_neither_blocks_nor_fills_the_memory() {
        let script = "echo hunter2; head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2";
        assert_eq!(read(&shell(script)).await.unwrap().expose_secret(), "hunter2");
    }

    #[tokio::test]
    async fn a_command_without_words_is_an_error() {
        assert!(read(&[]).await.is_err());
    }
}
