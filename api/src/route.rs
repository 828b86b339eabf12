use serde::{Deserialize, Serialize};

use crate::{Error, Result, Urgency};

/// A route as a form edits it: `Targets1.Routes` and `SetRoutes`, as JSON. What is left out or empty is no condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Route {
    /// What `Explain` calls it; empty = its number.
    pub name: String,
    /// Any of these sources.
    pub source: Vec<String>,
    /// Any of these topics.
    pub topic: Vec<String>,
    /// From this urgency on.
    pub min_urgency: Urgency,
    /// Any of these tags.
    pub tag: Vec<String>,
    /// The title or the body contains it, whatever its case.
    pub text: String,
    /// Any of these actors.
    pub actor: Vec<String>,
    /// Only if it is still unread after so long, like `10m`.
    pub unread_for: String,
    /// Only at these times.
    pub when: Vec<RouteSpan>,
    /// Names of targets.
    pub to: Vec<String>,
    /// Nowhere else, not even as a popup.
    pub only: bool,
}

/// A route without conditions: every urgency counts, not only those from `normal` on.
impl Default for Route {
    fn default() -> Self {
        Self {
            name: String::new(),
            source: Vec::new(),
            topic: Vec::new(),
            min_urgency: Urgency::Low,
            tag: Vec::new(),
            text: String::new(),
            actor: Vec::new(),
            unread_for: String::new(),
            when: Vec::new(),
            to: Vec::new(),
            only: false,
        }
    }
}

/// Days and hours of a route; hours may go over midnight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RouteSpan {
    /// `mon`, or a range like `mon-fri`.
    pub days: Vec<String>,
    /// `08:00`.
    pub from: String,
    /// `18:00`.
    pub until: String,
}

impl Route {
    /// Reads what a call or an answer carries.
    pub fn list_from_json(text: &str) -> Result<Vec<Self>> {
        serde_json::from_str(text)
            .map_err(|error| Error::InvalidArgs(format!("routes: not understood: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_no_condition() {
        let routes = Route::list_from_json(r#"[{"to": ["mail"]}]"#).unwrap();
        let expected = Route { to: vec!["mail".into()], ..Route::default() };
        assert_eq!(routes, [expected]);
        assert_eq!(routes[0].min_urgency, Urgency::Low, "what is of low urgency goes there, too");
    }
}
