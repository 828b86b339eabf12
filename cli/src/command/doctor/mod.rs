//! Finds what is wrong and says what to do about it.

mod facts;
mod findings;
mod targets;

use crate::arguments::DoctorArguments;
use crate::exit::{Failure, Outcome};
use crate::output::line::{BOLD, GREEN, RED, YELLOW, paint};
use crate::output::{self, Output, clean};

use self::findings::{Finding, Level};

/// Prints one finding a check; exit code 1 if one of them is a failure.
pub(crate) async fn run(
    arguments: &DoctorArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let facts = Box::pin(facts::gather(arguments.popup)).await;
    let findings = findings::findings(&facts, &output::now());
    if arguments.json {
        output.json(&findings)?;
    } else {
        for finding in &findings {
            print(finding, output)?;
        }
    }
    let failed = findings.iter().any(|finding| finding.level == Level::Fail);
    Ok(if failed { Outcome::Negative } else { Outcome::Done })
}

fn print(finding: &Finding, output: &mut Output) -> Result<(), Failure> {
    let (word, style) = match finding.level {
        Level::Ok => ("ok  ", GREEN),
        Level::Warn => ("warn", YELLOW),
        Level::Fail => ("FAIL", RED),
    };
    let check = clean::line(&finding.check);
    // A mistake in the configuration is shown with its line and a mark under it.
    let message = clean::block(&finding.message).replace('\n', "\n      ");
    let color = output.color;
    output.line(&format!(
        "{}  {}: {message}",
        paint(word, style, color),
        paint(&check, BOLD, color)
    ))?;
    if finding.next_step.is_empty() {
        return Ok(());
    }
    output.line(&format!("      -> {}", clean::line(&finding.next_step)))
}
