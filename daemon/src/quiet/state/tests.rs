use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::quiet::{Days, Span};

const MADRID: Tz = chrono_tz::Europe::Madrid;

fn nights() -> QuietState {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let span = Span { days: Days::from_word("mon-sun").unwrap(), from: time(22), until: time(7) };
    QuietState { schedule: Schedule(vec![span]), ..QuietState::default() }
}

fn at(day: u32, hour: u32) -> DateTime<Tz> {
    MADRID.with_ymd_and_hms(2026, 11, day, hour, 0, 0).unwrap()
}

fn kinds(state: &QuietState, now: &DateTime<Tz>) -> Vec<QuietKind> {
    state.status(now).reasons.iter().map(|reason| reason.kind).collect()
}

#[test]
fn switched_off_in_the_night_it_stays_off_until_the_next_one() {
    let mut state = nights();
    state.switch_off(&at(20, 23));
    state.pass(at(20, 23).timestamp_millis());
    assert!(!state.status(&at(21, 3)).active(), "the user has said so");
    state.pass(at(21, 7).timestamp_millis());
    assert_eq!(kinds(&state, &at(21, 22)), [QuietKind::Schedule], "the next start counts again");
}

#[test]
fn switched_off_under_a_schedule_of_all_hours_a_later_schedule_counts() {
    let mut state = nights();
    let nights = state.schedule.clone();
    for span in &mut state.schedule.0 {
        span.until = span.from;
    }
    state.switch_off(&at(20, 12));
    let always = state.schedule.clone();
    state.follow_schedule(always, &at(20, 13));
    assert!(!state.status(&at(25, 12)).active(), "it is the same stretch, without an end");
    let mut by_night = state.clone();
    state.follow_schedule(nights.clone(), &at(20, 14));
    assert!(state.status(&at(20, 22)).active(), "the first night of the new schedule");
    by_night.follow_schedule(nights, &at(20, 23));
    assert!(!by_night.status(&at(21, 3)).active(), "off is off for this night");
    assert!(by_night.status(&at(21, 22)).active(), "and not for the next");
}

#[test]
fn switched_off_by_day_the_coming_night_is_quiet() {
    let mut state = nights();
    state.switch_on();
    state.switch_off(&at(20, 12));
    assert_eq!(state.switched, Switched::default());
    assert!(state.status(&at(20, 22)).active());
}

#[test]
fn switched_on_before_the_night_it_stays_on_after_it() {
    let mut state = nights();
    state.switch_on();
    assert_eq!(kinds(&state, &at(20, 23)), [QuietKind::Manual, QuietKind::Schedule]);
    assert_eq!(kinds(&state, &at(21, 8)), [QuietKind::Manual]);
    assert_eq!(state.status(&at(21, 8)).until, -1, "it does not end by itself");
}

#[test]
fn a_timer_that_ends_in_the_night_goes_over_into_it() {
    let mut state = nights();
    state.switch_on_until(at(20, 23).timestamp_millis());
    let status = state.status(&at(20, 21));
    assert_eq!(status.first(), Some(QuietKind::Timer));
    assert_eq!(status.until, at(21, 7).timestamp_millis(), "that is when it gets loud again");
}

#[test]
fn a_timer_takes_the_place_of_the_switch_and_the_other_way_round() {
    let mut state = QuietState::default();
    state.switch_on();
    state.switch_on_until(at(20, 13).timestamp_millis());
    assert_eq!(kinds(&state, &at(20, 12)), [QuietKind::Timer]);
    assert!(!state.status(&at(20, 13)).active(), "the hour is over");
    state.switch_on();
    assert_eq!(kinds(&state, &at(20, 12)), [QuietKind::Manual]);
}

#[test]
fn a_program_keeps_it_quiet_whatever_the_user_switches_off() {
    let mut state = nights();
    let talk = Inhibitor { who: "impress".into(), why: "a talk".into() };
    state.inhibitors.insert(1, talk);
    state.switch_off(&at(20, 23));
    let status = state.status(&at(20, 23));
    assert_eq!((status.reasons.len(), status.reasons[0].why.as_str()), (1, "a talk"));
}

#[derive(Clone, Debug)]
enum Step {
    On,
    OnFor(i64),
    Off,
    Inhibit(u64),
    Release(u64),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::On),
        (1..600_i64).prop_map(Step::OnFor),
        Just(Step::Off),
        (0..3_u64).prop_map(Step::Inhibit),
        (0..3_u64).prop_map(Step::Release),
        (-120..2_000_i64).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn nothing_changes_before_the_next_change(steps in prop::collection::vec(step(), 0..12), look in 1..5_000_i64) {
        let (mut state, mut now) = (nights(), at(20, 12));
        for step in steps {
            match step {
                Step::On => state.switch_on(),
                Step::OnFor(minutes) => state.switch_on_until((now + TimeDelta::minutes(minutes)).timestamp_millis()),
                Step::Off => {
                    state.switch_off(&now);
                    prop_assert!(state.status(&now).reasons.iter().all(|reason| reason.kind == QuietKind::Inhibitor),
                        "off is off, but for programs");
                }
                Step::Inhibit(id) => {
                    state.inhibitors.insert(id, Inhibitor { who: "x".into(), why: "y".into() });
                }
                Step::Release(id) => drop(state.inhibitors.remove(&id)),
                // Also backwards: somebody sets the clock.
                Step::Wait(minutes) => now += TimeDelta::minutes(minutes),
            }
            state.pass(now.timestamp_millis());
            let status = state.status(&now);
            prop_assert_eq!(status.active(), status.until != 0, "an end belongs to quiet and only to it");
            if status.until > 0 {
                prop_assert!(status.until > now.timestamp_millis(), "an end lies ahead");
                let end = MADRID.timestamp_millis_opt(status.until).unwrap();
                prop_assert!(!state.status(&end).active(), "it is over when it says so");
            }
            if let Some(next) = state.next_change(&now) {
                let between = now + TimeDelta::minutes(look);
                if between.timestamp_millis() < next {
                    prop_assert_eq!(state.status(&between).reasons, status.reasons, "the timer would come too late");
                }
            }
        }
    }

    #[test]
    fn forgetting_what_is_over_changes_nothing(minutes in 1..600_i64, later in 0..3_000_i64, off: bool) {
        let mut state = nights();
        state.switch_on_until((at(20, 21) + TimeDelta::minutes(minutes)).timestamp_millis());
        if off {
            state.switch_off(&at(20, 23));
        }
        let then = at(20, 23) + TimeDelta::minutes(later);
        let mut passed = state.clone();
        passed.pass(then.timestamp_millis());
        prop_assert_eq!(passed.status(&then), state.status(&then));
    }
}
