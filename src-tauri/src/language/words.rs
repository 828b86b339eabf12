use tidings_api::SourceState;

/// Declares the table once, so that no language can lack a text and a test can go through all of them.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Every text of the tray; `{…}` is filled in by [`filled`].
        #[derive(Debug)]
        pub struct Words {
            $($(#[$doc])* pub $name: &'static str,)*
        }

        impl Words {
            /// Every text with its name.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

words! {
    /// Opens the inbox.
    open,
    /// The submenu-less heading of the newest unread.
    newest,
    /// In the place of the newest unread when there are none.
    nothing_unread,
    /// A notification without a title.
    untitled,
    /// Marks everything as read that the user could know of.
    mark_all_read,
    /// The submenu of the spans.
    quiet,
    /// A span of quiet.
    quiet_one_hour,
    /// A span of quiet.
    quiet_four_hours,
    /// A span of quiet.
    quiet_tomorrow,
    /// A span of quiet.
    quiet_for_good,
    /// Ends the quiet that has no end of its own.
    end_quiet,
    /// Ends the quiet that would end then.
    end_quiet_until,
    /// The submenu of the sources.
    sources,
    /// In the place of the sources when there are none.
    no_sources,
    /// A source and its state.
    source,
    /// Opens the settings.
    settings,
    /// Ends the tray alone.
    quit,
    /// Stops the daemon.
    stop_receiving,
    /// Starts the daemon.
    start_receiving,
    /// The daemon is being started.
    starting,
    /// The daemon is not running.
    away,
    /// The daemon could not be started.
    not_started,
    /// Title of the tooltip.
    unread_none,
    /// Title of the tooltip.
    unread_one,
    /// Title of the tooltip.
    unread_many,
    /// Title of the tooltip when some are unseen.
    with_new,
    /// In the tooltip.
    is_quiet,
    /// In the tooltip.
    is_quiet_until,
    /// In the tooltip, after the last source that fits.
    more_sources,
    /// State of a source.
    connecting,
    /// State of a source.
    online,
    /// State of a source.
    waiting,
    /// State of a source.
    needs_login,
    /// State of a source.
    rejected,
    /// State of a source.
    silent,
    /// State of a source.
    disabled,
}

impl Words {
    /// The state of a source.
    #[must_use]
    pub const fn source_state(&self, state: SourceState) -> &'static str {
        match state {
            SourceState::Connecting => self.connecting,
            SourceState::Online => self.online,
            SourceState::Waiting => self.waiting,
            SourceState::NeedsLogin => self.needs_login,
            SourceState::Rejected => self.rejected,
            SourceState::Silent => self.silent,
            SourceState::Disabled => self.disabled,
        }
    }
}

/// Fills the gaps of a text. What is put in is not looked at again: a title may contain braces.
#[must_use]
pub fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut full = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        full.push_str(before);
        full.extend(values.iter().find(|(gap, _)| *gap == name).map(|(_, value)| *value));
        rest = behind;
    }
    full.push_str(rest);
    full
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_once() {
        let full = filled("{name}: {state}", &[("name", "{state}"), ("state", "connected")]);
        assert_eq!(full, "{state}: connected", "a name cannot fill another gap");
        assert_eq!(filled("none", &[("name", "x")]), "none");
    }
}
