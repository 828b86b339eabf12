//! What a target makes of a notification: its title and body, by the user's templates.

use serde_json::{Value, json};
use tidings_api::{Notification, Urgency};

use crate::template::Template;

/// What a template may use.
pub const NAMES: [&str; 14] = [
    "title",
    "body",
    "source",
    "topic",
    "urgency",
    "app",
    "url",
    "actor",
    "verb",
    "action_object",
    "activity_target",
    "tags",
    "occurrences",
    "id",
];

/// What the template language itself brings.
pub const FUNCTIONS: [&str; 3] = ["range", "dict", "namespace"];

/// Checks a template, also by rendering it: a filter that there is not shows only then. The error says what is wrong with it.
/// That it fails over the values of a sample is no error: it may be right for those that come.
pub fn check(text: &str) -> Result<(), String> {
    let template = Template::compile(text)?;
    let known = |name: &str| NAMES.contains(&name) || FUNCTIONS.contains(&name);
    match template.names().into_iter().find(|name| !known(name)) {
        Some(unknown) => Err(format!("there is no `{unknown}`")),
        None => samples().iter().try_for_each(|row| template.try_on(&values(row)).map(drop)),
    }
}

/// Some that have everything, in words and in numbers, in every urgency, and one that has nothing but its title.
fn samples() -> Vec<Notification> {
    let whole = |text: &str, urgency| Notification {
        urgency,
        body: text.to_owned(),
        source: text.to_owned(),
        topic: text.to_owned(),
        app: text.to_owned(),
        url: "https://example.org/".to_owned(),
        actor: text.to_owned(),
        verb: text.to_owned(),
        action_object: text.to_owned(),
        activity_target: text.to_owned(),
        tags: vec![text.to_owned(), text.to_owned()],
        ..bare(text)
    };
    let texts = ["Disk full", "7"].into_iter();
    let whole = texts.flat_map(|text| Urgency::ALL.map(|urgency| whole(text, urgency)));
    whole.chain([bare("Disk full")]).collect()
}

fn bare(title: &str) -> Notification {
    Notification { id: 1, title: title.to_owned(), occurrences: 1, ..Notification::default() }
}

/// Renders a template over a notification. It was checked when it was read; what fails all the same gives the error.
pub fn render(text: &str, row: &Notification) -> Result<String, String> {
    Template::compile(text)?.render(&values(row))
}

fn values(row: &Notification) -> Value {
    json!({
        "title": row.title,
        "body": row.body,
        "source": row.source,
        "topic": row.topic,
        "urgency": row.urgency.as_str(),
        "app": row.app,
        "url": row.url,
        "actor": row.actor,
        "verb": row.verb,
        "action_object": row.action_object,
        "activity_target": row.activity_target,
        "tags": row.tags,
        "occurrences": row.occurrences,
        "id": row.id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_makes_its_text_of_the_notification() {
        let row = Notification {
            title: "Disk full".into(),
            source: "nas".into(),
            tags: vec!["disk".into(), "a & b".into()],
            ..Notification::default()
        };
        let text = "[{{ source }}] {{ title|upper }}{% if topic %} in {{ topic }}{% endif %} {{ tags|join(', ') }}";
        assert_eq!(
            render(text, &row).unwrap(),
            "[nas] DISK FULL disk, a & b",
            "plain text, not HTML"
        );
    }

    #[test]
    fn a_name_that_nothing_has_is_told_before_anything_is_sent() {
        for name in NAMES {
            assert_eq!(check(&format!("{{{{ {name} }}}}")), Ok(()), "{name}");
        }
        assert_eq!(check("{{ titel }}"), Err("there is no `titel`".into()));
        assert!(check("{{ title ").is_err(), "broken syntax");
        assert_eq!(
            check("{% for tag in tags %}{{ tag }} {% endfor %}"),
            Ok(()),
            "its own names are its own"
        );
    }

    #[test]
    fn what_can_never_work_is_told_before_anything_is_sent() {
        let unknown = check("{{ title|shout }}").unwrap_err();
        assert!(unknown.contains("shout"), "{unknown}");
        let hidden = "{% if urgency == 'critical' %}{{ title|shout }}{% endif %}";
        assert!(check(hidden).is_err(), "in a branch that few notifications take");
        let after_a_number = "{{ topic|int }} {{ title|shout }}";
        assert!(check(after_a_number).is_err(), "though most topics are no number");
        for never in ["{{ title.shout() }}", "{{ title is loud }}", "{{ title|replace('a') }}"] {
            assert!(check(never).is_err(), "{never}");
        }
        assert_eq!(check("{{ tags|first|default('none')|upper }} {{ occurrences + 1 }}"), Ok(()));
    }

    #[test]
    fn a_template_that_is_right_for_what_comes_there_is_no_error() {
        let numbered = "{{ (topic|split('/'))|last|int }} {{ title }}";
        assert_eq!(check(numbered), Ok(()), "one template must not take the whole file away");
        let row = Notification { topic: "nas/7".into(), ..bare("Disk full") };
        assert_eq!(render(numbered, &row).unwrap(), "7 Disk full");
        assert!(render(numbered, &bare("Disk full")).is_err(), "told with what it fails on");
    }

    #[test]
    fn a_template_that_never_ends_is_given_up() {
        let row = Notification::default();
        let endless = "{% for a in range(100000) %}x{% endfor %}";
        assert!(render(endless, &row).is_err() && check(endless).is_err());
    }
}
