use chrono::{DateTime, Local};
use serde_json::json;
use tidings_api::{DictWriter, OptOut, Scope};

use crate::arguments::{OptInArguments, OptOutArguments, OptOutsArguments};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome, complain};
use crate::output::{self, Output, clean, time};
use crate::parse::time::Moment;

/// Keeps a scope away from a target, and prints how many waiting popups that stopped.
pub(crate) async fn out(
    arguments: &OptOutArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let OptOutArguments { scope, length, json } = arguments;
    let mut options = DictWriter::default();
    options.optional("until", length.map(|length| Moment::Away(length).after(&output::now())));
    let preferences = Daemon::connect().await?.preferences().await?;
    let stopped =
        preferences.opt_out(scope.scope().to_dict(), &scope.target, options.finish()).await?;
    if *json {
        output.json(&[json!({ "stopped": stopped })])?;
    } else if output.terminal {
        let muted = about_at(&scope.scope(), &scope.target);
        output.line(&format!("Muted: {muted}. {stopped} waiting stopped."))?;
    } else {
        output.line(&stopped.to_string())?;
    }
    Ok(Outcome::Done)
}

/// Takes an opt-out back; that there was none is the answer no.
pub(crate) async fn back_in(
    arguments: &OptInArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let OptInArguments { scope, json } = arguments;
    let preferences = Daemon::connect().await?.preferences().await?;
    let was_there = preferences.opt_in(scope.scope().to_dict(), &scope.target).await?;
    if *json {
        output.json(&[json!({ "was_there": was_there })])?;
    } else if !was_there {
        let about = about_at(&scope.scope(), &scope.target);
        complain(&format!("there is no opt-out of exactly {about}; `tidings opt-outs` lists them"));
    } else {
        let about = about_at(&scope.scope(), &scope.target);
        output.told(&format!("No longer muted: {about}. What was stopped stays stopped."))?;
    }
    Ok(if was_there { Outcome::Done } else { Outcome::Negative })
}

/// Lists what stands.
pub(crate) async fn list(
    arguments: &OptOutsArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let preferences = Daemon::connect().await?.preferences().await?;
    let rows = preferences.opt_outs().await?;
    let rows: Vec<OptOut> =
        rows.into_iter().map(OptOut::from_dict).collect::<tidings_api::Result<_>>()?;
    if arguments.json {
        output.json(&rows)?;
        return Ok(Outcome::Done);
    }
    let now = output::now();
    for row in &rows {
        let line = if output.terminal { sentence(row, &now) } else { fields(row) };
        output.line(&line)?;
    }
    Ok(Outcome::Done)
}

/// What a scope means, for people.
pub(super) fn about(scope: &Scope) -> String {
    let text = match scope {
        Scope { source: None, .. } => "everything".to_owned(),
        Scope { source: Some(source), topic: Some(topic), .. } => {
            format!("topic {topic} of {source}")
        }
        Scope { source: Some(source), key: Some(key), .. } => format!("thread {key} of {source}"),
        Scope { source: Some(source), .. } => source.clone(),
    };
    clean::line(&text)
}

/// The scope, and the target it is about unless it is all of them.
fn about_at(scope: &Scope, target: &str) -> String {
    let at = if target.is_empty() { String::new() } else { format!(" at {}", clean::line(target)) };
    format!("{}{at}", about(scope))
}

fn sentence(row: &OptOut, now: &DateTime<Local>) -> String {
    let until = match row.until {
        Some(until) => format!("until {}", time::full(until, now)),
        None => "for good".to_owned(),
    };
    format!("{}, {until}", about_at(&row.scope, &row.target))
}

/// For programs: source, topic, key, target, end, beginning.
fn fields(row: &OptOut) -> String {
    let text = |part: &Option<String>| clean::line(part.as_deref().unwrap_or_default());
    let Scope { source, topic, key } = &row.scope;
    let until = row.until.map(time::iso).unwrap_or_default();
    [text(source), text(topic), text(key), clean::line(&row.target), until, time::iso(row.since)]
        .join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_words() {
        let scope = |source: &str, topic: &str, key: &str| {
            let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            about(&Scope { source: given(source), topic: given(topic), key: given(key) })
        };
        assert_eq!(scope("", "", ""), "everything");
        assert_eq!(scope("ci", "", ""), "ci");
        assert_eq!(scope("ci", "builds", ""), "topic builds of ci");
        assert_eq!(scope("ci", "", "main"), "thread main of ci");
        assert_eq!(about_at(&Scope::default(), "mail"), "everything at mail");
        let ruled = scope("ci", "\u{1b}[31m", "").contains('\u{1b}');
        assert!(!ruled, "nothing rules a terminal");
    }

    #[test]
    fn programs_get_six_fields_whatever_is_given() {
        let row = OptOut { until: Some(0), ..OptOut::default() };
        assert_eq!(fields(&row), "\t\t\t\t1970-01-01T00:00:00.000Z\t1970-01-01T00:00:00.000Z");
    }
}
