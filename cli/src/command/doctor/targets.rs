//! What is found of the ways out beside the desktop, and of the desktop as one of them.

use chrono::{DateTime, Local};
use tidings_api::names::DESKTOP_TARGET;
use tidings_api::{Record, TargetState, TargetStatus};

use super::facts::Targets;
use super::findings::{Finding, Level, finding};
use crate::command::targets::Trouble;
use crate::output::{line, time};

/// One finding a target.
pub(super) fn findings(known: &Targets, now: &DateTime<Local>) -> Vec<Finding> {
    known.rows.iter().map(|row| target(row, known, now)).collect()
}

fn target(row: &TargetStatus, known: &Targets, now: &DateTime<Local>) -> Finding {
    let name = &row.name;
    let trouble = known.troubles.get(name);
    let check = format!("target {name}");
    let ago = |at| time::ago(&time::relative(at, now));
    match row.state {
        TargetState::Disabled => switched_off(row, &check),
        TargetState::Paused => {
            let since = row.since.map(|since| match ago(since) {
                now if now == "just now" => format!(" {now}"),
                since => format!(" since {since}"),
            });
            let waiting = waiting(row);
            finding(
                &check,
                Level::Fail,
                format!("paused{}{waiting}: {}", since.unwrap_or_default(), row.why),
                &format!(
                    "Mend it, then `tidings targets resume {name}`; `tidings test {name}` tries it"
                ),
            )
        }
        TargetState::Ready if name == DESKTOP_TARGET => {
            finding(&check, Level::Ok, "popups are switched on", "")
        }
        TargetState::Ready => {
            if let Some(Trouble::Secret(why)) = trouble {
                let next = format!("Mend it, then `tidings test {name}` tries it");
                let message = format!("its secret cannot be read: {why}");
                return finding(&check, Level::Fail, message, &next);
            }
            if is_addressed(row, known) && row.records == 0 {
                let message = nobody_receives(row, known);
                return finding(&check, Level::Warn, message, &who_could(row, known));
            }
            if let Some(trouble) = trouble {
                let next = format!("`tidings test {name}` shows whether it sends");
                return finding(&check, Level::Warn, trouble.words(), &next);
            }
            let delivered = row.last_delivered_at.map(|at| format!(", last delivered {}", ago(at)));
            let routes = match row.routes.as_slice() {
                [] => "; no route leads there, so it gets what is posted to it by name".to_owned(),
                _ => String::new(),
            };
            let message = format!("ready{}{}{routes}", delivered.unwrap_or_default(), waiting(row));
            finding(&check, Level::Ok, message, "")
        }
    }
}

/// Nothing is wrong with that, unless something is meant to go there.
fn switched_off(row: &TargetStatus, check: &str) -> Finding {
    let on = if row.name == DESKTOP_TARGET {
        "Switch it on again: `popups = true` under [desktop] in config.toml".to_owned()
    } else {
        format!("Switch it on again: `tidings targets enable {}`", row.name)
    };
    if row.routes.is_empty() {
        return finding(check, Level::Ok, "switched off", &on);
    }
    let routes: Vec<String> = row.routes.iter().map(|route| line::route(route)).collect();
    let message = format!("switched off, though these lead there: {}", routes.join(", "));
    finding(check, Level::Warn, message, &format!("{on}, or take it out of these routes"))
}

fn waiting(row: &TargetStatus) -> String {
    if row.waiting == 0 { String::new() } else { format!(", {} waiting", row.waiting) }
}

fn is_addressed(row: &TargetStatus, known: &Targets) -> bool {
    known.kinds.iter().any(|kind| kind.kind == row.kind && kind.address.is_some())
}

fn records<'a>(row: &TargetStatus, known: &'a Targets) -> impl Iterator<Item = &'a Record> {
    known.records.iter().filter(move |record| record.target == row.name)
}

fn nobody_receives(row: &TargetStatus, known: &Targets) -> String {
    let states = ["unverified", "off", "dead"].map(|state| {
        let count =
            records(row, known).filter(|record| line::record_state(record) == state).count();
        (count > 0).then(|| format!("{count} {state}"))
    });
    let states: Vec<String> = states.into_iter().flatten().collect();
    if states.is_empty() {
        return "it has no record, so nothing is sent there".to_owned();
    }
    format!("none of its records receives ({}), so nothing is sent there", states.join(", "))
}

fn who_could(row: &TargetStatus, known: &Targets) -> String {
    let name = &row.name;
    let of = |state: &str| {
        records(row, known).find(|record| line::record_state(record) == state).map(|row| row.id)
    };
    if let Some(id) = of("unverified") {
        return format!(
            "Enter the code that was sent there: `tidings records verify {id} CODE`; \
             `tidings records send-code {id}` sends another"
        );
    }
    if let Some(id) = of("off") {
        return format!("Switch one on: `tidings records enable {id}`");
    }
    format!("Add an address: `tidings records add {name} ADDRESS`")
}

#[cfg(test)]
mod tests {
    use tidings_api::{AddressField, TargetKind};

    use super::*;
    use crate::output;

    fn kind(name: &str, address: Option<AddressField>) -> TargetKind {
        TargetKind { kind: name.into(), address, ..TargetKind::default() }
    }

    fn known(row: TargetStatus, records: Vec<Record>) -> Targets {
        let kinds = vec![kind("email", Some(AddressField::default())), kind("bell", None)];
        Targets { rows: vec![row], kinds, records, ..Targets::default() }
    }

    fn mail() -> TargetStatus {
        TargetStatus { name: "mail".into(), kind: "email".into(), ..TargetStatus::default() }
    }

    fn judged(row: TargetStatus, records: Vec<Record>) -> Finding {
        findings(&known(row, records), &output::now()).remove(0)
    }

    #[test]
    fn a_paused_target_fails_with_why_and_the_way_back() {
        let row = TargetStatus {
            state: TargetState::Paused,
            why: "535 wrong password".into(),
            since: Some(output::now().timestamp_millis() - 300_000),
            waiting: 3,
            ..mail()
        };
        let found = judged(row, Vec::new());
        assert_eq!((found.check.as_str(), found.level), ("target mail", Level::Fail));
        assert_eq!(found.message, "paused since 5m ago, 3 waiting: 535 wrong password");
        assert!(found.next_step.contains("tidings targets resume mail"), "{}", found.next_step);
    }

    #[test]
    fn a_target_to_which_nobody_listens_warns_with_the_step_that_is_missing() {
        let none = judged(mail(), Vec::new());
        assert_eq!(none.level, Level::Warn);
        assert!(none.next_step.contains("tidings records add mail"), "{}", none.next_step);
        let record = |id| Record { id, target: "mail".into(), ..Record::default() };
        let unverified = Record { active: true, ..record(7) };
        let both = judged(mail(), vec![record(6), unverified]);
        assert!(both.message.contains("(1 unverified, 1 off)"), "{}", both.message);
        assert!(both.next_step.contains("tidings records verify 7 CODE"), "{}", both.next_step);
        let off = judged(mail(), vec![record(6)]);
        assert!(off.next_step.contains("tidings records enable 6"), "{}", off.next_step);
        let receives = judged(TargetStatus { records: 1, ..mail() }, Vec::new());
        assert_eq!(receives.level, Level::Ok, "{receives:?}");
    }

    #[test]
    fn a_secret_that_is_not_there_fails_although_the_target_seems_ready() {
        let mut known = known(TargetStatus { records: 1, ..mail() }, Vec::new());
        let why = "the keyring holds no secret for \"mail\": run `tidings secret set mail`";
        known.troubles.insert("mail".into(), Trouble::Secret(why.into()));
        let found = findings(&known, &output::now()).remove(0);
        assert_eq!(found.level, Level::Fail);
        assert!(found.message.contains("tidings secret set mail"), "{}", found.message);
    }

    #[test]
    fn a_secret_that_could_not_be_looked_at_is_a_warning_and_no_all_clear() {
        let mut known = known(TargetStatus { records: 1, ..mail() }, Vec::new());
        known.troubles.insert("mail".into(), Trouble::Unknown("no answer in time".into()));
        let found = findings(&known, &output::now()).remove(0);
        assert_eq!(found.level, Level::Warn);
        assert!(found.message.contains("not known: no answer in time"), "{}", found.message);
    }

    #[test]
    fn a_target_with_one_recipient_needs_no_record() {
        let row = TargetStatus { name: "hook".into(), kind: "bell".into(), ..mail() };
        assert_eq!(judged(row, Vec::new()).level, Level::Ok);
    }

    #[test]
    fn switched_off_is_fine_unless_a_route_leads_there() {
        let off = TargetStatus { state: TargetState::Disabled, ..mail() };
        assert_eq!(judged(off.clone(), Vec::new()).level, Level::Ok);
        let led = judged(TargetStatus { routes: vec!["pager".into()], ..off }, Vec::new());
        assert_eq!(led.level, Level::Warn);
        assert!(
            led.message.contains("\"pager\"") && led.next_step.contains("enable mail"),
            "{led:?}"
        );
    }

    #[test]
    fn the_desktop_is_judged_without_records() {
        let desktop = TargetStatus {
            name: DESKTOP_TARGET.into(),
            kind: DESKTOP_TARGET.into(),
            ..TargetStatus::default()
        };
        assert_eq!(judged(desktop.clone(), Vec::new()).level, Level::Ok);
        let off = TargetStatus { state: TargetState::Disabled, ..desktop };
        assert!(judged(off, Vec::new()).next_step.contains("[desktop]"));
    }
}
