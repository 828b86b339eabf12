use tidings_api::names::DESKTOP_TARGET;

/// The reasons of the contract in words: why nothing was shown or sent. One of a newer daemon stays as it is.
pub(crate) fn in_words(reason: &str, target: &str) -> String {
    let on_desktop = target == DESKTOP_TARGET;
    let shown = if on_desktop { "shown" } else { "sent" };
    let words = match reason {
        "backfill" => "history does not pop up",
        "read" => return format!("it was read before it could be {shown}"),
        "snoozed" if on_desktop => {
            "it was snoozed before it could be shown, and alerts when it wakes"
        }
        "snoozed" => "it was snoozed before it could be sent, and waits anew when it wakes",
        "gone" => return format!("it was deleted or taken back before it could be {shown}"),
        "expired" => return format!("its time was over before it could be {shown}"),
        "not-targeted" => "the poster, or a route, limited it to other targets",
        "in-doubt" if on_desktop => {
            "the daemon ended while showing it; showing it again could have shown it twice"
        }
        "in-doubt" => "nobody knows whether it arrived; sending it again could bring it twice",
        "popups-off" => "popups of this source are switched off in the configuration",
        "below-urgency" => "it is below the urgency that the configuration asks for",
        "opted-out" => "you have opted out of it",
        "no-record" => "the target has no record that receives",
        "record-inactive" => {
            "the record was switched off, or reported dead, before it could be sent there"
        }
        "attempts-used-up" => "all attempts that it may have were made",
        "cancelled" => "it was cancelled",
        "target-removed" => "the target was taken out of the configuration",
        "target-off" => "the target is switched off",
        "quiet-manual" => "quiet was switched on",
        "quiet-timer" => "quiet was switched on for a while",
        "quiet-schedule" => "it came in the quiet hours of the schedule",
        "quiet-inhibitor" => "a program had asked for quiet",
        other => other,
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_elsewhere_is_sent_and_not_shown() {
        assert!(in_words("gone", "desktop").ends_with("could be shown"));
        assert!(in_words("gone", "mail").ends_with("could be sent"));
        assert!(!in_words("in-doubt", "mail").contains("show"));
    }

    #[test]
    fn a_reason_of_a_newer_daemon_is_told_as_it_is() {
        assert_eq!(in_words("moon-phase", "mail"), "moon-phase");
        assert_eq!(in_words("", "mail"), "");
    }
}
