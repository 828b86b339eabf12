//! What a form says about each key that it may show. Which of them a form shows is data beside its preset.

use tidings_api::{FieldKind, FormField};

/// A key of the spec, in the words of a form.
struct Described {
    key: &'static str,
    kind: FieldKind,
    choices: &'static [&'static str],
    /// What the spec does without it, as its form shows it; a preset may know better.
    default: &'static str,
    example: &'static str,
    help: &'static str,
}

/// The field of a form with this key; `None` = no form can show it.
pub(super) fn of(key: &str) -> Option<FormField> {
    let found = FIELDS.iter().find(|field| field.key == key)?;
    Some(FormField {
        key: found.key.to_owned(),
        kind: found.kind,
        default: found.default.to_owned(),
        choices: found.choices.iter().map(|&word| word.to_owned()).collect(),
        example: found.example.to_owned(),
        help: found.help.to_owned(),
        ..FormField::default()
    })
}

const fn text(key: &'static str, help: &'static str) -> Described {
    Described { key, kind: FieldKind::Text, choices: &[], default: "", example: "", help }
}

const fn list(key: &'static str, help: &'static str) -> Described {
    Described { kind: FieldKind::List, ..text(key, help) }
}

const fn choice(
    key: &'static str,
    choices: &'static [&'static str],
    default: &'static str,
    help: &'static str,
) -> Described {
    Described { kind: FieldKind::Choice, choices, default, ..text(key, help) }
}

const FIELDS: &[Described] = &[
    Described {
        kind: FieldKind::Url,
        example: "https://shop.example.org",
        ..text("url", "Address of the server, as in the browser.")
    },
    Described {
        example: "Europe/Madrid",
        ..text(
            "timezone",
            "Time zone of times that the server writes without one; without it they count as UTC.",
        )
    },
    choice(
        "auth.mode",
        &["none", "header", "query", "subprotocol", "cookie"],
        "none",
        "How the secret travels; with cookie it is the password of a user.",
    ),
    Described { example: "ana", ..text("auth.username", "Your user name on the server.") },
    Described {
        default: "/accounts/login/",
        ..text("auth.login_url", "The page where a browser signs in.")
    },
    Described {
        default: "Token",
        example: "Bearer",
        ..text("auth.scheme", "The word before the token.")
    },
    Described {
        default: "Authorization",
        example: "X-API-Key",
        ..text("auth.header", "The header that carries the token.")
    },
    Described {
        default: "token",
        ..text("auth.query", "The parameter of the address that carries the token.")
    },
    Described {
        example: "/ws/notifications/",
        ..text(
            "websocket.url",
            "Where notifications arrive live; without it the list is asked again and again.",
        )
    },
    Described {
        default: "auto",
        example: "https://shop.example.org",
        ..text(
            "websocket.origin",
            "The site that the connection claims to come from: auto, none, or an address.",
        )
    },
    Described {
        example: "notifications.v1",
        ..list("websocket.subprotocols", "Subprotocols to offer, one a line.")
    },
    Described {
        default: "$.message\n$.mensaje\n$.text\n$.body",
        ..list(
            "frame.text",
            "Where the text of a live message is, one path a line; the first that is there counts.",
        )
    },
    Described {
        example: "/api/notifications/",
        ..text("list.url", "Where the list of notifications is.")
    },
    Described {
        example: "/api/notifications/read/",
        ..list("list.also", "Further lists, one a line.")
    },
    Described {
        default: "$.results[*]\n$.notifications[*]\n$[*]",
        ..list("list.items", "Where the rows are in the list, one path a line.")
    },
    choice("list.paging", &["none", "page", "next"], "none", "How the list goes on."),
    Described {
        kind: FieldKind::Flag,
        default: "false",
        ..text(
            "list.absent_means_read",
            "The list shows all that is unread: what is missing was read elsewhere.",
        )
    },
    Described {
        example: "$.id",
        ..list("item.id", "Where the number or name of a notification is.")
    },
    Described {
        example: "$.thread",
        ..list("item.key", "Where the name is under which a notification is updated.")
    },
    Described { example: "$.project", ..list("item.topic", "Where its topic is.") },
    Described { example: "$.title", ..list("item.title", "Where its title is.") },
    Described { example: "$.message", ..list("item.body", "Where its text is.") },
    Described { example: "$.link", ..list("item.url", "Where the address is that a click opens.") },
    Described { example: "$.level", ..list("item.urgency", "Where its urgency is.") },
    Described {
        example: "$.created_at",
        ..list("item.sent", "Where the time is at which it was sent.")
    },
    Described { example: "$.is_read", ..list("item.read", "What is true when it was read.") },
    Described { example: "$.unread", ..list("item.unread", "What is true while it is unread.") },
    Described {
        example: "/api/me/",
        ..text("identity.url", "A page that only a signed-in user gets.")
    },
    Described {
        default: "180s",
        example: "5m",
        ..text("sync.reconcile_every", "How often the list is asked.")
    },
];
