use serde::{Deserialize, Serialize};

/// A button of a notification. It keeps working from history, because Tidings owns it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Action {
    /// What `Invoke` and the `Invoked` signal call it. `default` is a click on the popup itself;
    /// `inline-reply` asks for a line of text where the popup server can.
    pub id: String,
    /// The words on the button.
    pub label: String,
    /// Opened when the action is chosen; empty = the poster is told and nothing is opened.
    pub url: String,
}

impl From<(String, String, String)> for Action {
    fn from((id, label, url): (String, String, String)) -> Self {
        Self { id, label, url }
    }
}

impl From<Action> for (String, String, String) {
    fn from(action: Action) -> Self {
        (action.id, action.label, action.url)
    }
}
