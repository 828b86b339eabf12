//! What the end of a program means for the message. Pure.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::run::End;
use crate::sources::text;
use crate::targets::{Message, Outcome};

/// Most that is told of standard error, in characters.
const WORDS: usize = 200;
/// A shorter text of the message is not looked for in it: it would be found everywhere.
const SHORT: usize = 4;

/// The exit statuses are those of sysexits.h, read as mail servers read them of the programs they deliver to, and those of
/// the shell for a command that is not there.
pub(super) fn outcome(program: &str, end: End, message: &Message) -> Outcome {
    match end {
        End::Ended(status, said) => ended(program, status, &last_line(&said, message)),
        End::TimedOut(limit) => Outcome::Unknown {
            why: format!("`{program}` was ended, as it was not done within {} s", limit.as_secs()),
        },
        End::NotStarted(error) => not_started(program, &error),
        End::Lost(error) => Outcome::Unknown { why: format!("`{program}` is lost: {error}") },
    }
}

fn ended(program: &str, status: ExitStatus, said: &str) -> Outcome {
    let Some(code) = status.code() else {
        let signal = status.signal().unwrap_or_default();
        return Outcome::Unknown {
            why: format!("`{program}` was killed by signal {signal}{said}"),
        };
    };
    let why = format!("`{program}` ended with status {code}{said}");
    match code {
        0 => Outcome::Accepted { receipt: None },
        // EX_UNAVAILABLE, EX_OSERR, EX_IOERR, EX_TEMPFAIL.
        69 | 71 | 74 | 75 => Outcome::Retry { why, after: None },
        // EX_USAGE, EX_NOPERM, EX_CONFIG; not executable, not found.
        64 | 77 | 78 | 126 | 127 => Outcome::Misconfigured { why },
        _ => Outcome::Refused { why },
    }
}

fn not_started(program: &str, error: &io::Error) -> Outcome {
    let why = format!("`{program}` could not be started: {error}");
    // Too many processes or open files pass; what else can be wrong with a program does not.
    let passes = error.raw_os_error().is_some_and(|code| {
        [libc::EAGAIN, libc::ENOMEM, libc::EMFILE, libc::ENFILE, libc::ETXTBSY].contains(&code)
    });
    if passes {
        Outcome::Retry { why, after: None }
    } else {
        Outcome::Misconfigured { why: format!("{why}; check `run`") }
    }
}

/// The last line of standard error after a colon, without what it repeats of the message.
fn last_line(said: &[u8], message: &Message) -> String {
    let said = String::from_utf8_lossy(said);
    let last = said.lines().rev().map(text::line).find(|line| !line.is_empty());
    let mut line = last.unwrap_or_default();
    let texts = [&message.title, &message.url].into_iter().map(String::as_str);
    let mut contents: Vec<String> = texts.chain(message.body.lines()).map(text::line).collect();
    // What is part of a longer one would leave the rest of that behind.
    contents.sort_by_key(|content| std::cmp::Reverse(content.len()));
    for content in contents.iter().filter(|content| content.chars().count() >= SHORT) {
        line = line.replace(content, "…");
    }
    let short: String = line.chars().take(WORDS).collect();
    if short.is_empty() { short } else { format!(": {short}") }
}
