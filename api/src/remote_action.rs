use serde_json::Value;

/// What the sender of a remote notification wants done when one of its buttons is chosen, where that opens nothing: the
/// notification's `data` says it, as the server sent it (ntfy 2.19: `actions`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteAction {
    /// A request is sent, after a person has seen what and where.
    Request {
        /// `GET`, `POST`, …
        method: String,
        /// Where.
        url: String,
        /// Header names and values.
        headers: Vec<(String, String)>,
        /// The content.
        body: String,
    },
    /// A text is copied to the clipboard, by whoever shows the button.
    Copy {
        /// The text.
        value: String,
    },
    /// Something that cannot be done on a desktop, such as an Android broadcast.
    Unsupported {
        /// The server's word for it.
        kind: String,
    },
}

impl RemoteAction {
    /// What is behind the button of this id; `None` where the notification's own data say nothing of it.
    #[must_use]
    pub fn find(data: &str, id: &str) -> Option<Self> {
        let data: Value = serde_json::from_str(data).ok()?;
        let actions = data.get("actions")?.as_array()?;
        let action = actions.iter().find(|action| text(action, "id") == id && !id.is_empty())?;
        match text(action, "action").as_str() {
            "" | "view" => None,
            "http" => Some(Self::Request {
                method: Some(text(action, "method"))
                    .filter(|method| !method.is_empty())
                    .unwrap_or_else(|| "POST".to_owned()),
                url: text(action, "url"),
                headers: headers(action),
                body: text(action, "body"),
            }),
            "copy" => Some(Self::Copy { value: text(action, "value") }),
            other => Some(Self::Unsupported { kind: other.to_owned() }),
        }
    }

    /// What a person is asked before a request is sent: method and address. Consent is given with these words.
    #[must_use]
    pub fn question(&self) -> Option<String> {
        match self {
            Self::Request { method, url, .. } => Some(format!("{method} {url}")),
            Self::Copy { .. } | Self::Unsupported { .. } => None,
        }
    }
}

fn text(action: &Value, key: &str) -> String {
    action.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn headers(action: &Value) -> Vec<(String, String)> {
    let Some(headers) = action.get("headers").and_then(Value::as_object) else {
        return Vec::new();
    };
    let texts = headers.iter();
    texts.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = r#"{"id":"m1","actions":[
        {"id":"a1","action":"http","label":"Open the door","url":"https://door.example/open",
         "headers":{"X-Key":"1","X-Odd":7},"body":"now"},
        {"id":"a2","action":"copy","label":"Copy","value":"123456"},
        {"id":"a3","action":"view","label":"Look","url":"https://example.org"},
        {"id":"a4","action":"broadcast","label":"Android"},
        "nonsense", {"action":"http"}]}"#;

    #[test]
    fn each_kind_is_found_by_its_id() {
        let door = RemoteAction::find(DATA, "a1").unwrap();
        assert_eq!(door.question().as_deref(), Some("POST https://door.example/open"));
        let RemoteAction::Request { headers, body, .. } = door else { panic!("it sends") };
        assert_eq!((headers, body.as_str()), (vec![("X-Key".into(), "1".into())], "now"));
        let value = "123456".to_owned();
        assert_eq!(RemoteAction::find(DATA, "a2"), Some(RemoteAction::Copy { value }));
        assert_eq!(RemoteAction::find(DATA, "a3"), None, "a link is a link");
        let kind = "broadcast".to_owned();
        assert_eq!(RemoteAction::find(DATA, "a4"), Some(RemoteAction::Unsupported { kind }));
    }

    #[test]
    fn data_of_any_other_shape_hold_no_action() {
        for data in ["", "{", "[]", "{\"actions\":7}", "{\"actions\":[{}]}", "null"] {
            assert_eq!(RemoteAction::find(data, "a1"), None, "{data}");
            assert_eq!(RemoteAction::find(data, ""), None, "{data}");
        }
    }
}
