//! Which opt-out keeps a notification away from a target. Pure; the statement that claims a delivery says the same in SQL.

use tidings_api::{Millis, OptOut, Scope};

/// What an opt-out may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Name of the source.
    pub source: &'a str,
    /// Its subdivision; empty = none.
    pub topic: &'a str,
    /// Identity of an evolving notification; empty = none.
    pub key: &'a str,
}

/// Every opt-out that stands, the broadest first. There are only opt-outs, so that none of them is lifted by a
/// narrower word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptOuts {
    rows: Vec<OptOut>,
    revision: u64,
}

impl OptOuts {
    /// As the inbox keeps them.
    #[must_use]
    pub fn new(rows: Vec<OptOut>) -> Self {
        let mut opt_outs = Self::default();
        opt_outs.replace(rows);
        opt_outs
    }

    /// Takes over what the inbox keeps now. The same again is no change: it is read after every call that fails, too.
    pub fn replace(&mut self, mut rows: Vec<OptOut>) {
        rows.sort_by_key(|row| (breadth(&row.scope), row.since));
        if rows != self.rows {
            self.rows = rows;
            self.revision += 1;
        }
    }

    /// Something else says now where nothing is sent, so what was checked is checked again.
    pub const fn touch(&mut self) {
        self.revision += 1;
    }

    /// All of them.
    #[must_use]
    pub fn rows(&self) -> &[OptOut] {
        &self.rows
    }

    /// Grows with every change: what was checked against another revision is checked again.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The broadest opt-out that keeps the subject away from the target.
    #[must_use]
    pub fn standing(&self, subject: Subject<'_>, target: &str, now: Millis) -> Option<&OptOut> {
        self.rows.iter().find(|row| {
            !ended(row, now)
                && (row.target.is_empty() || row.target == target)
                && covers(&row.scope, subject)
        })
    }

    /// Whether the thread is muted by its own key, at whatever target.
    #[must_use]
    pub fn mutes_thread(&self, subject: Subject<'_>, now: Millis) -> bool {
        self.rows
            .iter()
            .any(|row| row.scope.key.is_some() && !ended(row, now) && covers(&row.scope, subject))
    }

    /// When the next one ends by itself.
    #[must_use]
    pub fn next_end(&self) -> Option<Millis> {
        self.rows.iter().filter_map(|row| row.until).min()
    }
}

/// Whether the scope means the subject.
#[must_use]
pub fn covers(scope: &Scope, subject: Subject<'_>) -> bool {
    let Scope { source, topic, key } = scope;
    let means = |wanted: &Option<String>, has: &str| match wanted {
        Some(wanted) => wanted == has,
        None => true,
    };
    means(source, subject.source) && means(topic, subject.topic) && means(key, subject.key)
}

fn ended(opt_out: &OptOut, now: Millis) -> bool {
    opt_out.until.is_some_and(|until| until <= now)
}

/// 0 for everything, more for what is narrower.
const fn breadth(scope: &Scope) -> u8 {
    match (&scope.source, &scope.topic, &scope.key) {
        (None, None, None) => 0,
        (Some(_), None, None) => 1,
        (Some(_) | None, Some(_), None) => 2,
        (Some(_) | None, Some(_) | None, Some(_)) => 3,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = 1_000;

    prop_compose! {
        fn scope()(source in "[ab]", part in 0..4_u8, name in "[xy]") -> Scope {
            Scope {
                source: (part > 0).then_some(source),
                topic: (part == 2).then(|| name.clone()),
                key: (part == 3).then_some(name),
            }
        }
    }

    prop_compose! {
        fn opt_out()(scope in scope(), everywhere: bool, until in prop::option::of(NOW - 2..NOW + 3)) -> OptOut {
            let target = if everywhere { "" } else { "desktop" };
            OptOut { scope, target: target.into(), until, since: 0 }
        }
    }

    proptest! {
        #[test]
        fn one_more_opt_out_never_lets_more_through(
            rows in prop::collection::vec(opt_out(), 0..6), more in opt_out(),
            source in "[ab]", topic in "[xy]?", key in "[xy]?",
        ) {
            let subject = Subject { source: &source, topic: &topic, key: &key };
            let before = OptOuts::new(rows.clone());
            let after = OptOuts::new(rows.into_iter().chain([more]).collect());
            for target in ["desktop", "mail"] {
                if before.standing(subject, target, NOW).is_some() {
                    prop_assert!(after.standing(subject, target, NOW).is_some(), "a narrower word lifted a broader one");
                }
            }
        }

        #[test]
        fn what_is_told_is_the_broadest_that_fits(
            rows in prop::collection::vec(opt_out(), 0..6),
            source in "[ab]", topic in "[xy]?", key in "[xy]?",
        ) {
            let subject = Subject { source: &source, topic: &topic, key: &key };
            let opt_outs = OptOuts::new(rows.clone());
            let fitting = rows.iter().filter(|row| {
                covers(&row.scope, subject) && row.until.is_none_or(|until| until > NOW)
            });
            let broadest = fitting.map(|row| breadth(&row.scope)).min();
            let told = opt_outs.standing(subject, "desktop", NOW).map(|row| breadth(&row.scope));
            prop_assert_eq!(told, broadest);
        }

        #[test]
        fn another_source_is_never_meant(scope in scope(), topic in "[xy]?", key in "[xy]?") {
            let stranger = Subject { source: "stranger", topic: &topic, key: &key };
            prop_assert_eq!(covers(&scope, stranger), scope == Scope::default(), "only everything means everybody");
        }
    }

    #[test]
    fn an_opt_out_ends_at_its_time_and_says_when_the_next_one_does() {
        let hour = OptOut { until: Some(NOW + 5), ..OptOut::default() };
        let opt_outs = OptOuts::new(vec![OptOut { target: "mail".into(), ..hour.clone() }, hour]);
        let subject = Subject { source: "a", topic: "", key: "" };
        assert!(opt_outs.standing(subject, "desktop", NOW + 4).is_some());
        assert!(opt_outs.standing(subject, "desktop", NOW + 5).is_none(), "until is not after");
        assert_eq!(opt_outs.next_end(), Some(NOW + 5));
    }

    #[test]
    fn only_the_thread_s_own_key_mutes_a_thread() {
        let scope = |key: Option<&str>| Scope {
            source: Some("ci".into()),
            key: key.map(str::to_owned),
            ..Scope::default()
        };
        let subject = Subject { source: "ci", topic: "", key: "build" };
        let with = |scope| OptOuts::new(vec![OptOut { scope, ..OptOut::default() }]);
        assert!(with(scope(Some("build"))).mutes_thread(subject, NOW));
        assert!(!with(scope(Some("other"))).mutes_thread(subject, NOW));
        assert!(!with(scope(None)).mutes_thread(subject, NOW), "a muted source still reopens");
    }
}
