use chrono::{DateTime, Local};
use serde_json::json;
use tidings_api::{Millis, QuietKind, QuietReason};

use crate::arguments::{QuietArguments, QuietWord};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, clean, time};
use crate::parse::time::Moment;

/// Switched on until it is switched off, in the words of the contract.
const FOR_GOOD: Millis = -1;
/// Switched off, in the words of the contract.
const OFF: Millis = 0;

/// Switches quiet if asked to, then says whether it is and why.
pub(crate) async fn run(
    arguments: &QuietArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let quiet = daemon.quiet().await?;
    let now = output::now();
    if let Some(until) = wanted(arguments, &now)? {
        quiet.set(until).await?;
    }
    let state = State::ask(&daemon).await?;
    if arguments.json {
        let State { reasons, until } = &state;
        let active = state.active();
        output.json(&[json!({ "active": active, "until": until, "reasons": reasons })])?;
    } else {
        for line in state.sentences(&now) {
            output.line(&line)?;
        }
    }
    Ok(Outcome::Done)
}

fn wanted(arguments: &QuietArguments, now: &DateTime<Local>) -> Result<Option<Millis>, Failure> {
    let usage = |words: &str| Err(Failure::Usage(words.to_owned()));
    match (arguments.wanted, arguments.time) {
        (None, None) => Ok(None),
        (Some(QuietWord::On), None) => Ok(Some(FOR_GOOD)),
        (Some(QuietWord::Off), None) => Ok(Some(OFF)),
        (Some(QuietWord::For(length)), None) => Ok(Some(Moment::Away(length).after(now))),
        (Some(QuietWord::Until), Some(time)) => Ok(Some(time.after(now))),
        (Some(QuietWord::Until), None) => {
            usage("until: say when, for example `tidings quiet until 07:00`")
        }
        (_, Some(_)) => usage("a time goes with `until`, for example `tidings quiet until 07:00`"),
    }
}

/// Whether it is quiet, why, and until when.
pub(super) struct State {
    reasons: Vec<QuietReason>,
    until: Millis,
}

impl State {
    pub(super) async fn ask(daemon: &Daemon) -> Result<Self, Failure> {
        let quiet = daemon.quiet().await?;
        let mut reasons = Vec::new();
        for row in quiet.reasons().await? {
            reasons.extend(QuietReason::from_dict(row)?);
        }
        Ok(Self { reasons, until: quiet.until().await? })
    }

    pub(super) const fn active(&self) -> bool {
        !self.reasons.is_empty()
    }

    /// One sentence on the whole, one on each reason.
    pub(super) fn sentences(&self, now: &DateTime<Local>) -> Vec<String> {
        if !self.active() {
            return vec!["not quiet: popups are shown".to_owned()];
        }
        let end = match self.until {
            ..=0 => "until it is switched off".to_owned(),
            until => format!("until {}", time::full(until, now)),
        };
        let mut sentences = vec![format!("quiet {end}: popups wait, the inbox does not")];
        sentences.extend(self.reasons.iter().map(|reason| clean::line(&because(reason, now))));
        sentences
    }
}

fn because(reason: &QuietReason, now: &DateTime<Local>) -> String {
    let until = match reason.until {
        Some(until) => format!(" until {}", time::full(until, now)),
        None => String::new(),
    };
    match reason.kind {
        QuietKind::Manual => "  switched on by hand".to_owned(),
        QuietKind::Timer => format!("  switched on by hand{until}"),
        QuietKind::Schedule => format!("  by the schedule{until}"),
        QuietKind::Inhibitor => format!("  {} asked for it: {}", reason.who, reason.why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(wanted: Option<&str>, time: Option<&str>) -> QuietArguments {
        QuietArguments {
            wanted: wanted.map(|word| word.parse().unwrap()),
            time: time.map(|text| text.parse().unwrap()),
            json: false,
        }
    }

    #[test]
    fn each_wish_becomes_a_time_of_the_contract() {
        let now = output::now();
        let asked = |wanted, time| wanted_or_usage(&arguments(wanted, time), &now);
        assert_eq!(asked(None, None), Some(None), "only asked");
        assert_eq!(asked(Some("on"), None), Some(Some(-1)));
        assert_eq!(asked(Some("off"), None), Some(Some(0)));
        let hour = now.timestamp_millis() + 3_600_000;
        assert_eq!(asked(Some("1h"), None), Some(Some(hour)));
        assert_eq!(asked(Some("until"), Some("1h")), Some(Some(hour)));
        assert_eq!(asked(Some("until"), None), None, "until when?");
        assert_eq!(asked(Some("on"), Some("1h")), None, "two wishes");
        assert!("onn".parse::<QuietWord>().is_err());
    }

    fn wanted_or_usage(
        arguments: &QuietArguments,
        now: &DateTime<Local>,
    ) -> Option<Option<Millis>> {
        wanted(arguments, now).ok()
    }

    #[test]
    fn every_reason_has_words() {
        let now = output::now();
        let reasons = QuietKind::ALL.map(|kind| QuietReason {
            kind,
            until: None,
            who: "impress".into(),
            why: "a talk".into(),
        });
        let state = State { reasons: reasons.to_vec(), until: -1 };
        let text = state.sentences(&now).join("\n");
        for words in
            ["until it is switched off", "by hand", "schedule", "impress asked for it: a talk"]
        {
            assert!(text.contains(words), "{words} is missing: {text}");
        }
    }
}
