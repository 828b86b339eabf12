use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use tidings_api::Urgency;

use crate::sources::Times;

pub(super) use crate::sources::json::value::{Field, Span};

/// Most ids that one mark request carries; more would be a request that servers cut or refuse.
pub(super) const MARK_CHUNK_MAX: usize = 500;

/// A whole source of the declarative kind: a preset with the user's keys laid over it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Spec {
    /// The preset this was laid over.
    pub(super) preset: String,
    /// Base URL of the server; every other URL is relative to it.
    pub(super) url: String,
    /// IANA zone for times without an offset; empty = UTC, marked approximate.
    pub(super) timezone: String,
    /// How to sign in.
    pub(super) auth: AuthSpec,
    /// The live connection.
    pub(super) websocket: WebsocketSpec,
    /// How to read a frame.
    pub(super) frame: FrameSpec,
    /// Where the truth is.
    pub(super) list: ListSpec,
    /// How to read a row of the list, and a notification inside a frame.
    pub(super) item: ItemSpec,
    /// How to mark on the server.
    pub(super) mark: MarkSpec,
    /// How to know that we are signed in.
    pub(super) identity: IdentitySpec,
    /// When to do what.
    pub(super) sync: SyncSpec,
}

/// `auth`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuthSpec {
    /// How the secret travels.
    pub(super) mode: AuthMode,
    /// Header of mode `header`.
    pub(super) header: String,
    /// Word before the token in the header; empty = the token alone.
    pub(super) scheme: String,
    /// Parameter of mode `query`.
    pub(super) query: String,
    /// Subprotocol sent before the token in mode `subprotocol`.
    pub(super) subprotocol: String,
    /// User of mode `cookie`.
    pub(super) username: String,
    /// Login page of mode `cookie`; a redirect to it anywhere means "not signed in".
    pub(super) login_url: String,
    /// Form field of the user name.
    pub(super) username_field: String,
    /// Form field of the password.
    pub(super) password_field: String,
    /// Cookie that proves the login.
    pub(super) session_cookie: String,
    /// Cookie that carries the CSRF token.
    pub(super) csrf_cookie: String,
    /// Header that carries it back.
    pub(super) csrf_header: String,
}

/// How the secret travels to the server.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum AuthMode {
    /// No secret.
    #[default]
    None,
    /// In a request header.
    Header,
    /// In the URL: ends up in access logs.
    Query,
    /// As a WebSocket subprotocol; requests carry it in the header.
    Subprotocol,
    /// As a password, once, for a session cookie.
    Cookie,
}

impl Default for AuthSpec {
    fn default() -> Self {
        Self {
            mode: AuthMode::None,
            header: "Authorization".to_owned(),
            scheme: "Token".to_owned(),
            query: "token".to_owned(),
            subprotocol: String::new(),
            username: String::new(),
            login_url: "/accounts/login/".to_owned(),
            username_field: "username".to_owned(),
            password_field: "password".to_owned(),
            session_cookie: "sessionid".to_owned(),
            csrf_cookie: "csrftoken".to_owned(),
            csrf_header: "X-CSRFToken".to_owned(),
        }
    }
}

/// `websocket`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WebsocketSpec {
    /// Where; empty = no live connection, the list is polled.
    pub(super) url: String,
    /// `auto` = the server's own origin; `none` = no header; else as written.
    pub(super) origin: String,
    /// Subprotocols to offer.
    pub(super) subprotocols: Vec<String>,
    /// Further headers of the handshake.
    pub(super) headers: BTreeMap<String, String>,
    /// Silence after which we ask whether the server is still there.
    pub(super) ping_after: Span,
    /// How long it may take to answer.
    pub(super) ping_timeout: Span,
}

impl Default for WebsocketSpec {
    fn default() -> Self {
        Self {
            url: String::new(),
            origin: "auto".to_owned(),
            subprotocols: Vec::new(),
            headers: BTreeMap::new(),
            ping_after: Span::seconds(45),
            ping_timeout: Span::seconds(10),
        }
    }
}

/// `frame`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FrameSpec {
    /// Where a nested notification may lie; the first that is an object is read by `item`.
    pub(super) notification: Field,
    /// Where the text is when `item` finds none.
    pub(super) text: Field,
    /// Where the frame's type is.
    pub(super) kind: Field,
    /// Types that announce nothing: greetings, answers to pings.
    pub(super) ignore: Vec<String>,
    /// Where a bare count of unread notifications is.
    pub(super) count: Field,
}

impl Default for FrameSpec {
    fn default() -> Self {
        let ignore = ["conexion", "connection_established", "pong", "ping"];
        Self {
            notification: Field::of(&[
                "$.notificacion",
                "$.notification",
                "$.message",
                "$.data",
                "$",
            ]),
            text: Field::of(&["$.message", "$.mensaje", "$.text", "$.body"]),
            kind: Field::of(&["$.type"]),
            ignore: ignore.map(str::to_owned).to_vec(),
            count: Field::of(&["$.unread_count", "$.count"]),
        }
    }
}

/// `list`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ListSpec {
    /// Where; empty = there is no list, frames are all there is.
    pub(super) url: String,
    /// Further single pages whose rows belong to the list.
    pub(super) also: Vec<String>,
    /// The rows inside an answer.
    pub(super) items: Field,
    /// How the list goes on.
    pub(super) paging: Paging,
    /// Parameter of `paging = "page"`.
    pub(super) page_param: String,
    /// Rows of a full page; 0 = as many as the first page has.
    pub(super) page_size: usize,
    /// Where the next page's URL is, for `paging = "next"`.
    pub(super) next: Field,
    /// Where the number of all unread rows is.
    pub(super) unread_count: Field,
    /// The list shows every unread row, so a row that is missing was read elsewhere.
    pub(super) absent_means_read: bool,
    /// Never more pages than this in one walk.
    pub(super) max_pages: usize,
}

/// How a list goes on.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Paging {
    /// One answer holds everything there is to get.
    #[default]
    None,
    /// `?page=2`, and so on.
    Page,
    /// Each answer names the URL of the next (Django REST framework).
    Next,
}

impl Default for ListSpec {
    fn default() -> Self {
        Self {
            url: String::new(),
            also: Vec::new(),
            items: Field::of(&["$.results[*]", "$.notifications[*]", "$[*]"]),
            paging: Paging::None,
            page_param: "page".to_owned(),
            page_size: 0,
            next: Field::of(&["$.next"]),
            unread_count: Field::of(&["$.unread_count"]),
            absent_means_read: false,
            max_pages: 1_000,
        }
    }
}

/// `item`: where each part of a notification is. Empty = the server does not have it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ItemSpec {
    /// The server's identity, a number or a text.
    pub(super) id: Field,
    /// Identity of an evolving notification.
    pub(super) key: Field,
    /// The source's subdivision.
    pub(super) topic: Field,
    /// One line.
    pub(super) title: Field,
    /// The text.
    pub(super) body: Field,
    /// What a click opens; relative ones are joined to `url`.
    pub(super) url: Field,
    /// Icon name.
    pub(super) icon: Field,
    /// Who did it.
    pub(super) actor: Field,
    /// What was done.
    pub(super) verb: Field,
    /// To what.
    pub(super) action_object: Field,
    /// Where.
    pub(super) activity_target: Field,
    /// The server's word for how urgent it is.
    pub(super) urgency: Field,
    /// From the server's words to ours.
    pub(super) urgency_map: BTreeMap<String, Urgency>,
    /// When it was sent.
    pub(super) sent: Field,
    /// True when it was read.
    pub(super) read: Field,
    /// True when it was not read.
    pub(super) unread: Field,
    /// Labels: texts, or an array of texts.
    pub(super) tags: Field,
    /// Kept as JSON for scripts.
    pub(super) data: Field,
}

/// `mark`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MarkSpec {
    /// Marks as read; an empty `url` keeps marks local.
    pub(super) read: RequestSpec,
    /// Marks as unread again; an empty `url` keeps those local.
    pub(super) unread: RequestSpec,
    /// Ids in one request, at most 500.
    pub(super) chunk: usize,
}

impl Default for MarkSpec {
    fn default() -> Self {
        Self { read: RequestSpec::default(), unread: RequestSpec::default(), chunk: MARK_CHUNK_MAX }
    }
}

/// `mark.read` and `mark.unread`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RequestSpec {
    /// `POST`, `PATCH`, `PUT` or `GET`.
    pub(super) method: String,
    /// Template with `ids` (a list) and `id` (its first).
    pub(super) url: String,
    /// Template of the JSON body.
    pub(super) body: String,
    /// One request an id.
    pub(super) one_by_one: bool,
    /// A redirect that does not lead to the login page is success.
    pub(super) accept_redirect: bool,
}

impl Default for RequestSpec {
    fn default() -> Self {
        Self {
            method: "POST".to_owned(),
            url: String::new(),
            body: String::new(),
            one_by_one: false,
            accept_redirect: false,
        }
    }
}

/// `identity`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct IdentitySpec {
    /// A page that only a signed-in user gets with 2xx. Needed where the list answers strangers with an empty 200.
    pub(super) url: String,
}

/// `sync`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SyncSpec {
    /// The list is asked this often even when all is well; without a WebSocket this is the polling interval.
    pub(super) reconcile_every: Span,
    /// Quiet time after a frame before the list is asked.
    pub(super) debounce: Span,
    /// Mean age at which a healthy connection is renewed; a quarter of jitter each way.
    pub(super) recycle_after: Span,
    /// Rows of history taken at the first connection, at most.
    pub(super) backfill_rows: usize,
    /// Age of history taken at the first connection, at most.
    pub(super) backfill_age: Span,
    /// How far a frame and its row may be apart, each way.
    pub(super) match_window: Span,
}

impl SyncSpec {
    pub(super) const fn times(&self) -> Times {
        Times {
            reconcile_every: self.reconcile_every.0,
            debounce: self.debounce.0,
            recycle_after: self.recycle_after.0,
        }
    }
}

impl Default for SyncSpec {
    fn default() -> Self {
        Self {
            reconcile_every: Span::seconds(180),
            debounce: Span(Duration::from_millis(300)),
            recycle_after: Span::seconds(16 * 3600),
            backfill_rows: 1_000,
            backfill_age: Span::seconds(30 * 86_400),
            match_window: Span::seconds(600),
        }
    }
}
