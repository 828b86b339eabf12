//! What people and programs read on standard output.
//!
//! People get tables, colours and relative times; programs get tab-separated lines with ISO times,
//! or JSON. Which of the first two it is depends on whether standard output is a terminal.

pub(crate) mod clean;
pub(crate) mod json;
pub(crate) mod line;
pub(crate) mod progress;
pub(crate) mod reason;
pub(crate) mod table;
pub(crate) mod time;

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use chrono::{DateTime, Local, TimeZone};
use clap::ValueEnum;
use serde::Serialize;

use crate::exit::Failure;

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    // On a terminal that can, unless NO_COLOR is set. No doc comments: clap would make the help of every command long.
    Auto,
    Always,
    Never,
}

/// Standard output and how to write to it.
#[derive(Debug)]
pub(crate) struct Output {
    out: BufWriter<Stdout>,
    /// A person is reading.
    pub(crate) terminal: bool,
    /// Colours may be used.
    pub(crate) color: bool,
}

impl Output {
    /// Standard output.
    pub(crate) fn standard(choice: ColorChoice) -> Self {
        let terminal = io::stdout().is_terminal();
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && environment_allows_color(),
        };
        Self { out: BufWriter::new(io::stdout()), terminal, color }
    }

    /// Writes one line. The text must be clean already.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    /// Says to a person that it is done. A program has the exit code, and reads nothing.
    pub(crate) fn told(&mut self, text: &str) -> Result<(), Failure> {
        if self.terminal { self.line(text) } else { Ok(()) }
    }

    /// Writes raw bytes, for generated files.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out.write_all(bytes)?;
        Ok(())
    }

    /// Writes one JSON array, one element a line.
    pub(crate) fn json<T: Serialize>(&mut self, items: &[T]) -> Result<(), Failure> {
        let text = json::array(items)?;
        self.line(&text)
    }

    /// Writes one JSON object on a line of its own, at once.
    pub(crate) fn json_line<T: Serialize>(&mut self, item: &T) -> Result<(), Failure> {
        let text = json::object(item)?;
        self.line(&text)?;
        self.flush()
    }

    /// Hands everything to the reader.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush()?;
        Ok(())
    }
}

/// See <https://no-color.org>: any value that is not empty.
fn environment_allows_color() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb")
}

/// The present in the zone of this machine.
pub(crate) fn now() -> DateTime<Local> {
    Local::now()
}

/// The zone of this machine for a time of the daemon.
pub(crate) fn local(millis: tidings_api::Millis) -> Option<DateTime<Local>> {
    Local.timestamp_millis_opt(millis).earliest()
}
