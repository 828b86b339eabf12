use std::collections::{BTreeMap, HashMap};

use crate::{Action, Dict, DictWriter, Error, Fields, KeyMode, Millis, Result, Urgency, limits};

/// A notification posted from this machine. Empty texts mean "not given".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// One line. May be empty if the body is not.
    pub title: String,
    /// Plain text, any number of lines.
    pub body: String,
    /// The poster's own subdivision, e.g. `backups`.
    pub topic: String,
    /// Name of the posting program, as a person knows it.
    pub app: String,
    /// How much it wants to interrupt.
    pub urgency: Urgency,
    /// Identity of an evolving notification; the same key again updates the same row.
    pub key: String,
    /// What the same key again does.
    pub mode: KeyMode,
    /// Icon name of the desktop's icon theme, or absolute path of a local image.
    pub icon: String,
    /// Opened by a click. `http`, `https` or `mailto`.
    pub url: String,
    /// Buttons.
    pub actions: Vec<Action>,
    /// Who did it (Activity Streams vocabulary).
    pub actor: String,
    /// What was done.
    pub verb: String,
    /// To what.
    pub action_object: String,
    /// Where.
    pub activity_target: String,
    /// Free labels.
    pub tags: Vec<String>,
    /// Percentage from 0 to 100.
    pub progress: Option<u8>,
    /// A hint to the popup server not to keep it; the inbox keeps it all the same.
    pub transient: bool,
    /// From then on it is no longer worth showing.
    pub expires_at: Option<Millis>,
    /// Deliver then, not now; it is in the inbox at once.
    pub deliver_at: Option<Millis>,
    /// Limit delivery to these targets; `Some` of an empty list stores without delivering.
    pub targets: Option<Vec<String>>,
    /// Any JSON text, returned untouched.
    pub data: String,
}

impl Post {
    /// The keys that `Post` and `PostMany` take in their options, besides `title` and `body` of `PostMany`.
    pub const OPTIONS: [&str; 19] = [
        "topic",
        "app",
        "urgency",
        "key",
        "mode",
        "icon",
        "url",
        "actions",
        "actor",
        "verb",
        "action_object",
        "activity_target",
        "tags",
        "progress",
        "transient",
        "expires_at",
        "deliver_at",
        "targets",
        "data",
    ];

    /// Reads the arguments of a `Post` call and checks every limit.
    pub fn from_options(title: String, body: String, options: Dict) -> Result<Self> {
        Self::read(title, body, Fields::new("options", options))
    }

    /// Reads the arguments of a `PostText` call, where every option is a text: numbers and truth values as words,
    /// `tags` and `targets` separated by commas. For tools that cannot send variants, such as `dbus-send`.
    pub fn from_texts(
        title: String,
        body: String,
        options: HashMap<String, String>,
    ) -> Result<Self> {
        let mut writer = DictWriter::default();
        // In order, so that the same call always gets the same error.
        for (key, text) in options.into_iter().collect::<BTreeMap<_, _>>() {
            match key.as_str() {
                "tags" | "targets" => writer.put(&key, split(&text)),
                "progress" | "expires_at" | "deliver_at" => {
                    writer.put(&key, parsed::<i64>(&key, "an integer", &text)?);
                }
                "transient" => writer.put(&key, parsed::<bool>(&key, "true or false", &text)?),
                "actions" => {
                    return Err(Error::InvalidArgs(
                        "options: \"actions\" does not fit into a text; use Post".into(),
                    ));
                }
                _ => writer.put(&key, text),
            }
        }
        Self::from_options(title, body, writer.finish())
    }

    /// Reads one entry of a `PostMany` call, where `title` and `body` are keys like the others.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("notification", dict);
        let title = fields.text("title")?.unwrap_or_default();
        let body = fields.text("body")?.unwrap_or_default();
        Self::read(title, body, fields)
    }

    /// Writes the options for a `Post` call.
    #[must_use]
    pub fn to_options(&self) -> Dict {
        let mut writer = DictWriter::default();
        self.write_options(&mut writer);
        writer.finish()
    }

    /// Writes one entry for a `PostMany` call.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        writer.text("title", &self.title);
        writer.text("body", &self.body);
        self.write_options(&mut writer);
        writer.finish()
    }

    fn read(title: String, body: String, mut fields: Fields) -> Result<Self> {
        let mut text = |key: &str| fields.text(key).map(Option::unwrap_or_default);
        let post = Self {
            topic: text("topic")?,
            app: text("app")?,
            urgency: parsed_or_default(&text("urgency")?)?,
            key: text("key")?,
            mode: parsed_or_default(&text("mode")?)?,
            icon: text("icon")?,
            url: text("url")?,
            actor: text("actor")?,
            verb: text("verb")?,
            action_object: text("action_object")?,
            activity_target: text("activity_target")?,
            data: text("data")?,
            actions: fields
                .triples("actions")?
                .unwrap_or_default()
                .into_iter()
                .map(Action::from)
                .collect(),
            tags: fields.texts("tags")?.unwrap_or_default(),
            progress: fields.integer("progress")?.map(percentage).transpose()?,
            transient: fields.boolean("transient")?.unwrap_or_default(),
            expires_at: fields.integer("expires_at")?,
            deliver_at: fields.integer("deliver_at")?,
            targets: fields.texts("targets")?,
            title,
            body,
        };
        fields.finish()?;
        post.check()?;
        Ok(post)
    }

    fn write_options(&self, writer: &mut DictWriter) {
        for (key, value) in self.short_texts() {
            writer.text(key, value);
        }
        writer.text("url", &self.url);
        writer.text("data", &self.data);
        if self.urgency != Urgency::default() {
            writer.put("urgency", self.urgency.as_str());
        }
        if self.mode != KeyMode::default() {
            writer.put("mode", self.mode.as_str());
        }
        if !self.actions.is_empty() {
            let triples: Vec<(String, String, String)> =
                self.actions.iter().cloned().map(Into::into).collect();
            writer.put("actions", triples);
        }
        if !self.tags.is_empty() {
            writer.put("tags", self.tags.clone());
        }
        writer.optional("progress", self.progress.map(u32::from));
        if self.transient {
            writer.put("transient", true);
        }
        writer.optional("expires_at", self.expires_at);
        writer.optional("deliver_at", self.deliver_at);
        writer.optional("targets", self.targets.clone());
    }

    fn short_texts(&self) -> [(&'static str, &str); 8] {
        [
            ("topic", &self.topic),
            ("app", &self.app),
            ("key", &self.key),
            ("icon", &self.icon),
            ("actor", &self.actor),
            ("verb", &self.verb),
            ("action_object", &self.action_object),
            ("activity_target", &self.activity_target),
        ]
    }

    fn check(&self) -> Result<()> {
        if self.title.trim().is_empty() && self.body.trim().is_empty() {
            return Err(Error::InvalidArgs(
                "title: a notification needs a title or a body, both are empty".into(),
            ));
        }
        at_most("title", "characters", self.title.chars().count(), limits::TITLE_CHARACTERS)?;
        at_most("body", "bytes", self.body.len(), limits::BODY_BYTES)?;
        at_most("data", "bytes", self.data.len(), limits::DATA_BYTES)?;
        at_most("url", "bytes", self.url.len(), limits::URL_BYTES)?;
        at_most("actions", "entries", self.actions.len(), limits::ACTIONS)?;
        at_most("tags", "entries", self.tags.len(), limits::TAGS)?;
        for (key, value) in self.short_texts() {
            at_most(key, "characters", value.chars().count(), limits::FIELD_CHARACTERS)?;
        }
        for tag in &self.tags {
            at_most("tags", "characters", tag.chars().count(), limits::FIELD_CHARACTERS)?;
        }
        for action in &self.actions {
            let label = action.id.chars().count().max(action.label.chars().count());
            at_most("actions", "characters", label, limits::FIELD_CHARACTERS)?;
            at_most("actions", "bytes", action.url.len(), limits::URL_BYTES)?;
            if action.id.is_empty() {
                return Err(Error::InvalidArgs("actions: an action needs an id".into()));
            }
        }
        if !self.data.is_empty()
            && serde_json::from_str::<serde::de::IgnoredAny>(&self.data).is_err()
        {
            return Err(Error::InvalidArgs("data: not a JSON text".into()));
        }
        Ok(())
    }
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn parsed<T: std::str::FromStr>(key: &str, wanted: &str, text: &str) -> Result<T> {
    text.trim().parse().map_err(|_| {
        Error::InvalidArgs(format!("options: \"{key}\" must be {wanted}, not \"{text}\""))
    })
}

fn parsed_or_default<T: Default + std::str::FromStr<Err = Error>>(word: &str) -> Result<T> {
    if word.is_empty() { Ok(T::default()) } else { word.parse() }
}

fn percentage(value: i64) -> Result<u8> {
    u8::try_from(value).ok().filter(|value| *value <= 100).ok_or_else(|| {
        Error::InvalidArgs(format!("progress: {value} is not a percentage from 0 to 100"))
    })
}

fn at_most(field: &str, unit: &str, value: usize, limit: usize) -> Result<()> {
    if value <= limit {
        return Ok(());
    }
    Err(Error::TooLarge(format!("{field}: {value} {unit}, the limit is {limit}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zbus::zvariant::Value;

    use super::*;

    fn any_post() -> impl Strategy<Value = Post> {
        let text = || "[ -~äß€🎉]{0,40}";
        let texts = || prop::collection::vec("[a-z]{1,8}", 0..4);
        let action = ("[a-z]{1,8}", text(), text()).prop_map(Action::from);
        (
            ("[ -~]{1,40}", text(), text(), text(), text(), text()),
            (prop::sample::select(&Urgency::ALL[..]), texts(), prop::option::of(texts())),
            (prop::collection::vec(action, 0..4), prop::option::of(0..=100_u8), any::<bool>()),
            (prop::option::of(any::<i64>()), prop::option::of(any::<i64>())),
        )
            .prop_map(|(texts, lists, rest, times)| Post {
                title: format!("x{}", texts.0),
                body: texts.1,
                topic: texts.2,
                key: texts.3,
                actor: texts.4,
                verb: texts.5,
                urgency: lists.0,
                tags: lists.1,
                targets: lists.2,
                actions: rest.0,
                progress: rest.1,
                transient: rest.2,
                expires_at: times.0,
                deliver_at: times.1,
                ..Post::default()
            })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_the_same(post in any_post()) {
            let (title, body) = (post.title.clone(), post.body.clone());
            prop_assert_eq!(&Post::from_options(title, body, post.to_options()).unwrap(), &post);
            prop_assert_eq!(&Post::from_dict(post.to_dict()).unwrap(), &post);
        }
    }

    #[test]
    fn an_unknown_option_is_named() {
        let mut writer = DictWriter::default();
        writer.put("colour", "red");
        let error = Post::from_options("x".into(), String::new(), writer.finish()).unwrap_err();
        assert_eq!(error, Error::InvalidArgs("options: unknown key \"colour\"".into()));
    }

    #[test]
    fn a_value_above_its_limit_is_refused_with_both_numbers() {
        let title = "x".repeat(limits::TITLE_CHARACTERS + 1);
        let error = Post::from_options(title, String::new(), Dict::new()).unwrap_err();
        assert_eq!(error, Error::TooLarge("title: 513 characters, the limit is 512".into()));
    }

    #[test]
    fn an_empty_notification_is_refused() {
        let error = Post::from_options(" ".into(), "\n".into(), Dict::new()).unwrap_err();
        assert!(matches!(error, Error::InvalidArgs(message) if message.contains("both are empty")));
    }

    #[test]
    fn a_script_may_choose_the_width_of_its_integers() {
        for value in [Value::from(40_u8), Value::from(40_i32), Value::from(40_u64)] {
            let dict = Dict::from([("progress".to_owned(), value.try_into().unwrap())]);
            let post = Post::from_options("x".into(), String::new(), dict).unwrap();
            assert_eq!(post.progress, Some(40));
        }
    }

    #[test]
    fn options_as_texts_mean_the_same_as_options_as_variants() {
        let options =
            [("tags", "a, b"), ("progress", "7"), ("transient", "true"), ("urgency", "high")];
        let options = options.map(|(key, text)| (key.to_owned(), text.to_owned())).into();
        let post = Post::from_texts("x".into(), String::new(), options).unwrap();
        assert_eq!(post.tags, ["a", "b"]);
        assert_eq!((post.progress, post.transient, post.urgency), (Some(7), true, Urgency::High));
    }

    #[test]
    fn a_text_that_is_no_number_is_refused_with_the_text() {
        let options = [("progress".to_owned(), "half".to_owned())].into();
        let error = Post::from_texts("x".into(), String::new(), options).unwrap_err();
        assert!(matches!(error, Error::InvalidArgs(message) if message.contains("\"half\"")));
    }
}
