use std::collections::BTreeMap;

use serde_json::Value;

use crate::sources::gotify::message::number;
use crate::sources::text;

/// The names of applications, by their ids. Nothing else of them is read: since version 3 the server tells no tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names(BTreeMap<u64, String>);

impl Names {
    /// Reads the answer of `GET /application`. What has no id or no name is left out.
    pub(super) fn read(answer: &Value) -> Self {
        let applications = answer.as_array().into_iter().flatten();
        Self(applications.filter_map(|one| Some((number(one.get("id")?)?, name(one)?))).collect())
    }

    pub(super) fn know(&self, application: u64) -> bool {
        self.0.contains_key(&application)
    }

    /// What an application is called, at least by its number.
    pub(super) fn of(&self, application: u64) -> String {
        self.0.get(&application).cloned().unwrap_or_else(|| format!("application {application}"))
    }
}

fn name(application: &Value) -> Option<String> {
    let name = text::line(application.get("name")?.as_str()?);
    Some(name).filter(|name| !name.is_empty())
}
