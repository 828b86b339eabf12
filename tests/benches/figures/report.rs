//! The table, and whether every promise was kept.

use std::fmt;
use std::time::Duration;

use anyhow::{Result, ensure};

/// Rows in the order they were measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    what: String,
    figure: String,
    beside: String,
    promise: String,
    kept: bool,
}

impl Report {
    /// One line: what was measured, the figure, what it is compared with, the promise, and whether it was kept.
    pub(crate) fn row(
        &mut self,
        what: &str,
        figure: impl Into<String>,
        beside: impl Into<String>,
        promise: &str,
        kept: bool,
    ) {
        self.rows.push(Row {
            what: what.into(),
            figure: figure.into(),
            beside: beside.into(),
            promise: promise.into(),
            kept,
        });
    }

    /// An error that names the broken promises.
    pub(crate) fn verdict(&self) -> Result<()> {
        let broken: Vec<&str> =
            self.rows.iter().filter(|row| !row.kept).map(|row| row.what.as_str()).collect();
        ensure!(broken.is_empty(), "not kept: {}", broken.join("; "));
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | figure | beside it, same run | promise | kept |")?;
        writeln!(f, "| --- | --- | --- | --- | --- |")?;
        for Row { what, figure, beside, promise, kept } in &self.rows {
            let kept = if *kept { "yes" } else { "**no**" };
            writeln!(f, "| {what} | {figure} | {beside} | {promise} | {kept} |")?;
        }
        Ok(())
    }
}

/// The value below which half of the samples lie.
pub(crate) fn median(samples: &mut [Duration]) -> Duration {
    percentile(samples, 50)
}

/// The value below which so many percent of the samples lie.
pub(crate) fn percentile(samples: &mut [Duration], percent: usize) -> Duration {
    samples.sort_unstable();
    samples.get(samples.len() * percent / 100).copied().unwrap_or_default()
}

/// Microseconds with one decimal.
pub(crate) fn micros(duration: Duration) -> String {
    format!("{:.1} µs", duration.as_secs_f64() * 1e6)
}
