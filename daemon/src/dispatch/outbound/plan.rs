//! Which targets a notification goes to, and when. Pure: the store's writer asks inside the transaction of the row.

use chrono::{DateTime, TimeZone};
use tidings_api::names::DESKTOP_TARGET;
use tidings_api::{Millis, Notification};

use super::rules::{OutboundRules, TargetRule};
use crate::config::RouteConfig;

/// One target that a notification goes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leg<'a> {
    /// The target.
    pub target: &'a TargetRule,
    /// The route that leads there; empty = the poster named the target.
    pub route: &'a str,
    /// Only if it is still unread after so long.
    pub unread_for: Option<Millis>,
}

/// Where a notification goes beside the desktop, and whether it goes to the desktop.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan<'a> {
    /// Each target once.
    pub legs: Vec<Leg<'a>>,
    /// A route says: nowhere else.
    pub not_desktop: bool,
}

/// Plans by the targets that the poster named, if it named any, else by the routes. What is switched off gets nothing by a
/// route; a poster that named it is to be told, so that leg is planned and kept back.
#[must_use]
pub fn plan<'a, Z: TimeZone>(
    rules: &'a OutboundRules,
    row: &Notification,
    named: Option<&[String]>,
    now: &DateTime<Z>,
) -> Plan<'a> {
    match named {
        Some(named) => by_name(rules, named),
        None => by_route(rules, row, now),
    }
}

fn by_name<'a>(rules: &'a OutboundRules, named: &[String]) -> Plan<'a> {
    let mut plan = Plan::default();
    for name in named {
        if let Some(target) = rules.target(name) {
            plan.add(Leg { target, route: "", unread_for: None });
        }
    }
    // Whether the desktop is among them is known to the popup policy already.
    plan
}

fn by_route<'a, Z: TimeZone>(
    rules: &'a OutboundRules,
    row: &Notification,
    now: &DateTime<Z>,
) -> Plan<'a> {
    let mut plan = Plan::default();
    let matching: Vec<_> = rules.routes.iter().filter(|route| matches(route, row, now)).collect();
    let only = matching.iter().any(|route| route.only);
    let counting = matching.iter().filter(|route| !only || route.only);
    let mut to_desktop = !only;
    for route in counting {
        to_desktop |= route.to.iter().any(|name| name == DESKTOP_TARGET);
        let unread_for = route.unread_for.map(|wait| millis(wait.as_millis()));
        let targets = route.to.iter().filter_map(|name| rules.target(name));
        for target in targets.filter(|target| target.enabled) {
            plan.add(Leg { target, route: &route.name, unread_for });
        }
    }
    plan.not_desktop = !to_desktop;
    plan
}

impl<'a> Plan<'a> {
    /// Of two ways to one target the sooner counts.
    fn add(&mut self, leg: Leg<'a>) {
        match self.legs.iter_mut().find(|planned| planned.target.name == leg.target.name) {
            Some(planned) if leg.unread_for < planned.unread_for => *planned = leg,
            Some(_) => {}
            None => self.legs.push(leg),
        }
    }
}

/// Whether every condition of the route holds.
#[must_use]
pub fn matches<Z: TimeZone>(route: &RouteConfig, row: &Notification, now: &DateTime<Z>) -> bool {
    let any = |wanted: &[String], has: &str| wanted.is_empty() || wanted.iter().any(|w| w == has);
    any(&route.sources, &row.source)
        && any(&route.topics, &row.topic)
        && any(&route.actors, &row.actor)
        && row.urgency >= route.min_urgency
        && (route.tags.is_empty() || route.tags.iter().any(|tag| row.tags.contains(tag)))
        && (route.text.is_empty() || says(row, &route.text))
        && (route.when.0.is_empty() || route.when.current(now).is_some())
}

fn says(row: &Notification, text: &str) -> bool {
    let text = text.to_lowercase();
    row.title.to_lowercase().contains(&text) || row.body.to_lowercase().contains(&text)
}

fn millis(wait: u128) -> Millis {
    Millis::try_from(wait).unwrap_or(Millis::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::NaiveTime;
    use rstest::rstest;
    use tidings_api::Urgency;

    use super::*;
    use crate::quiet::{Days, Schedule, Span};

    fn target(name: &str) -> TargetRule {
        TargetRule {
            name: name.into(),
            enabled: true,
            has_addresses: true,
            title: None,
            body: None,
            max_retries: 3,
            retry_interval: Duration::from_secs(60),
            burst: 10,
            refill: Duration::from_secs(60),
            digest: None,
            quiet: false,
            repeatable: true,
            confirm_after: None,
        }
    }

    fn rules(routes: Vec<RouteConfig>) -> OutboundRules {
        OutboundRules { targets: vec![target("mail"), target("phone")], routes }
    }

    fn route(to: &[&str]) -> RouteConfig {
        let to: Vec<String> = to.iter().map(|name| (*name).to_owned()).collect();
        RouteConfig { name: to.join(" and "), to, ..RouteConfig::default() }
    }

    fn row() -> Notification {
        Notification {
            source: "orders".into(),
            topic: "payments".into(),
            title: "Payment timeout".into(),
            body: "Order 17".into(),
            urgency: Urgency::High,
            actor: "Ana".into(),
            tags: vec!["shop".into()],
            ..Notification::default()
        }
    }

    fn noon() -> DateTime<chrono::Utc> {
        DateTime::from_timestamp(1_795_780_800, 0).unwrap()
    }

    fn names(plan: &Plan<'_>) -> Vec<String> {
        plan.legs.iter().map(|leg| leg.target.name.clone()).collect()
    }

    #[test]
    fn without_a_route_everything_goes_to_the_desktop_alone() {
        let rules = rules(Vec::new());
        assert_eq!(plan(&rules, &row(), None, &noon()), Plan::default());
    }

    #[test]
    fn a_route_adds_its_targets_and_takes_no_popup_away() {
        let rules = rules(vec![route(&["mail"]), route(&["phone"])]);
        let plan = plan(&rules, &row(), None, &noon());
        assert_eq!(names(&plan), ["mail", "phone"], "every route that matches counts");
        assert!(!plan.not_desktop);
    }

    #[test]
    fn only_means_nowhere_else() {
        let only = RouteConfig { only: true, ..route(&["phone"]) };
        let rules = rules(vec![route(&["mail"]), only]);
        let plan = plan(&rules, &row(), None, &noon());
        assert_eq!(names(&plan), ["phone"]);
        assert!(plan.not_desktop, "not even a popup");
        let with_popup =
            self::rules(vec![RouteConfig { only: true, ..route(&["desktop", "phone"]) }]);
        assert!(!super::plan(&with_popup, &row(), None, &noon()).not_desktop);
    }

    #[test]
    fn of_two_ways_to_a_target_the_sooner_counts() {
        let wait = |minutes: u64| RouteConfig {
            unread_for: Some(Duration::from_secs(minutes * 60)),
            ..route(&["mail"])
        };
        let later_first = rules(vec![wait(10), wait(5)]);
        let plan_of = |rules: &OutboundRules| {
            plan(rules, &row(), None, &noon())
                .legs
                .iter()
                .map(|leg| leg.unread_for)
                .collect::<Vec<_>>()
        };
        assert_eq!(plan_of(&later_first), [Some(5 * 60_000)]);
        assert_eq!(plan_of(&rules(vec![wait(10), route(&["mail"])])), [None], "at once is soonest");
    }

    #[test]
    fn the_posters_word_stands_above_the_routes() {
        let rules = rules(vec![route(&["mail"])]);
        let named = ["phone".to_owned(), "desktop".to_owned()];
        assert_eq!(names(&plan(&rules, &row(), Some(&named), &noon())), ["phone"]);
        assert_eq!(names(&plan(&rules, &row(), Some(&[]), &noon())), Vec::<String>::new());
    }

    #[test]
    fn what_is_switched_off_gets_nothing_by_a_route() {
        let mut rules = rules(vec![route(&["mail", "phone"])]);
        rules.targets[0].enabled = false;
        assert_eq!(names(&plan(&rules, &row(), None, &noon())), ["phone"]);
    }

    #[test]
    fn a_poster_that_names_what_is_switched_off_is_to_be_told() {
        let mut rules = rules(Vec::new());
        rules.targets[0].enabled = false;
        let named = ["mail".to_owned()];
        let plan = plan(&rules, &row(), Some(&named), &noon());
        assert_eq!(names(&plan), ["mail"], "there is a delivery that says why nothing was sent");
    }

    #[rstest]
    #[case::source(RouteConfig { sources: vec!["orders".into()], ..RouteConfig::default() }, true)]
    #[case::another_source(RouteConfig { sources: vec!["ci".into()], ..RouteConfig::default() }, false)]
    #[case::one_of_two(RouteConfig { sources: vec!["ci".into(), "orders".into()], ..RouteConfig::default() }, true)]
    #[case::topic(RouteConfig { topics: vec!["payments".into()], ..RouteConfig::default() }, true)]
    #[case::another_topic(RouteConfig { topics: vec!["stock".into()], ..RouteConfig::default() }, false)]
    #[case::urgent_enough(RouteConfig { min_urgency: Urgency::High, ..RouteConfig::default() }, true)]
    #[case::not_urgent_enough(RouteConfig { min_urgency: Urgency::Critical, ..RouteConfig::default() }, false)]
    #[case::tag(RouteConfig { tags: vec!["shop".into()], ..RouteConfig::default() }, true)]
    #[case::another_tag(RouteConfig { tags: vec!["disk".into()], ..RouteConfig::default() }, false)]
    #[case::words_of_the_title(RouteConfig { text: "TIMEOUT".into(), ..RouteConfig::default() }, true)]
    #[case::words_of_the_body(RouteConfig { text: "order 17".into(), ..RouteConfig::default() }, true)]
    #[case::other_words(RouteConfig { text: "refund".into(), ..RouteConfig::default() }, false)]
    #[case::actor(RouteConfig { actors: vec!["Ana".into()], ..RouteConfig::default() }, true)]
    #[case::another_actor(RouteConfig { actors: vec!["Bob".into()], ..RouteConfig::default() }, false)]
    #[case::all_must_hold(RouteConfig { actors: vec!["Ana".into()], text: "refund".into(), ..RouteConfig::default() }, false)]
    fn a_condition_holds_or_not(#[case] route: RouteConfig, #[case] holds: bool) {
        assert_eq!(matches(&route, &row(), &noon()), holds);
    }

    #[test]
    fn a_time_of_day_holds_on_the_wall_clock() {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let days = Days::from_word("mon-sun").unwrap();
        let between = |from, until| RouteConfig {
            when: Schedule(vec![Span { days, from: time(from), until: time(until) }]),
            ..RouteConfig::default()
        };
        assert!(matches(&between(9, 17), &row(), &noon()));
        assert!(!matches(&between(18, 8), &row(), &noon()), "over midnight is not over noon");
    }
}
