//! A spec whose every expression was checked: what a running source works with.

use serde_json::{Value, json};
use url::Url;

use crate::config::KeyProblem;
use crate::config::{Security, may_send_credentials};
use crate::sources::json::mapping::Mapping;
use crate::sources::json::preset;
use crate::sources::json::spec::{AuthMode, Field, RequestSpec, Spec};
use crate::sources::json::template::Query;
use crate::store::WantedMarks;
use crate::template::Template;

/// A checked spec.
#[derive(Debug)]
pub(super) struct Profile {
    /// As written.
    pub(super) spec: Spec,
    /// The server.
    pub(super) base: Url,
    /// How to read frames and rows.
    pub(super) mapping: Mapping,
    /// How to mark as read.
    pub(super) mark_read: Option<MarkRequest>,
    /// How to mark as unread.
    pub(super) mark_unread: Option<MarkRequest>,
    items: Vec<Query>,
    next: Query,
    unread_count: Query,
}

/// A checked mark request.
#[derive(Debug)]
pub(super) struct MarkRequest {
    /// As written.
    pub(super) spec: RequestSpec,
    /// Its method.
    pub(super) method: http::Method,
    /// Where it goes, whatever the ids are.
    pub(super) origin: url::Origin,
    url: Template,
    body: Option<Template>,
}

impl Profile {
    /// Lays settings over their preset and checks everything that can be checked without connecting.
    pub(super) fn new(settings: &toml::Table) -> Result<Self, Vec<KeyProblem>> {
        let spec = preset::merge(settings)?;
        Self::compile(spec).map_err(|(key, message)| {
            let message = format!("{key}: {message}");
            vec![KeyProblem { key, message, known: Vec::new() }]
        })
    }

    fn compile(spec: Spec) -> Result<Self, (String, String)> {
        let base = base(&spec.url)?;
        let paths = [
            ("websocket.url", &spec.websocket.url),
            ("list.url", &spec.list.url),
            ("identity.url", &spec.identity.url),
            ("auth.login_url", &spec.auth.login_url),
        ];
        for (key, path) in paths {
            // The text is not repeated: somebody may have written a password into it.
            base.join(path)
                .map_err(|error| (key.to_owned(), format!("is not an address: {error}")))?;
        }
        if spec.websocket.url.is_empty() && spec.list.url.is_empty() {
            let message =
                "a source needs websocket.url or list.url; choose a preset or set one".to_owned();
            return Err(("list.url".to_owned(), message));
        }
        if spec.sync.reconcile_every.0.is_zero() || spec.sync.recycle_after.0.is_zero() {
            let message =
                "reconcile_every and recycle_after must be longer than nothing".to_owned();
            return Err(("sync".to_owned(), message));
        }
        let query = |key: &str, field: &Field| {
            Query::compile(field).map_err(|message| (key.to_owned(), message))
        };
        let items =
            spec.list.items.0.iter().map(|path| query("list.items", &Field(vec![path.clone()])));
        let items = items.collect::<Result<_, _>>()?;
        Ok(Self {
            items,
            next: query("list.next", &spec.list.next)?,
            unread_count: query("list.unread_count", &spec.list.unread_count)?,
            mapping: Mapping::compile(&spec, base.clone())?,
            mark_read: mark("mark.read", &spec.mark.read, &base)?,
            mark_unread: mark("mark.unread", &spec.mark.unread, &base)?,
            base,
            spec,
        })
    }

    /// The rows of an answer; `None` = the answer does not have the list at all, which is not the same as an empty one.
    #[must_use]
    pub(super) fn items<'a>(&self, answer: &'a Value) -> Option<Vec<&'a Value>> {
        let found = self.items.iter().map(|query| query.all(answer)).find(|all| !all.is_empty());
        found.or_else(|| self.has_empty_list(answer).then(Vec::new))
    }

    /// Unread rows on the server, as the answer says.
    #[must_use]
    pub(super) fn unread_count(&self, answer: &Value) -> Option<u64> {
        self.unread_count.count(answer)
    }

    /// Marks for which the server has a request; those that it refused before only when they are due again.
    #[must_use]
    pub(super) const fn sendable_marks(&self, refused: bool) -> WantedMarks {
        WantedMarks { unread: self.mark_unread.is_some(), refused }
    }

    /// The URL of the next page, as the answer says.
    #[must_use]
    pub(super) fn next_page(&self, answer: &Value) -> Option<String> {
        Some(self.next.text(answer)).filter(|url| !url.is_empty())
    }

    /// Refuses credentials in the clear to anything but this machine and hosts that the user named.
    pub(super) fn check_transport(&self, security: &Security) -> Result<(), String> {
        if self.spec.auth.mode == AuthMode::None {
            return Ok(());
        }
        let spec = &self.spec;
        let further =
            [&spec.websocket.url, &spec.list.url, &spec.identity.url, &spec.auth.login_url];
        let marks = [&self.mark_read, &self.mark_unread];
        let marks = marks.into_iter().flatten().map(|mark| &mark.spec.url);
        let all = further.into_iter().chain(&spec.list.also).chain(marks);
        // A template that is no URL yet is checked with the rest of its URL once it is rendered.
        let urls = all.filter_map(|path| self.base.join(path).ok()).chain([self.base.clone()]);
        urls.into_iter().try_for_each(|url| may_send_credentials(&url, security))
    }

    /// An item query ending in `[*]` whose array is there and empty.
    fn has_empty_list(&self, answer: &Value) -> bool {
        let arrays = self.spec.list.items.0.iter().filter_map(|path| path.strip_suffix("[*]"));
        let arrays = arrays.map(|path| Field(vec![path.to_owned()]));
        arrays
            .filter_map(|field| Query::compile(&field).ok()?.value(answer))
            .any(|value| value.as_array().is_some_and(Vec::is_empty))
    }
}

fn base(text: &str) -> Result<Url, (String, String)> {
    let wrong = |message: String| ("url".to_owned(), message);
    if text.is_empty() {
        return Err(wrong(
            "is missing; set the address of the server, like \"https://example.org\"".to_owned(),
        ));
    }
    let url = Url::parse(text).map_err(|error| wrong(format!("is not an address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong(format!("\"{}\" must start with https:// or http://", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "must not hold a user or password; use auth and a stored secret".to_owned(),
        ));
    }
    Ok(url)
}

fn mark(
    key: &str,
    spec: &RequestSpec,
    base: &Url,
) -> Result<Option<MarkRequest>, (String, String)> {
    if spec.url.is_empty() {
        return Ok(None);
    }
    let at = |part: &str| format!("{key}.{part}");
    let method = match spec.method.as_str() {
        "GET" => http::Method::GET,
        "POST" => http::Method::POST,
        "PUT" => http::Method::PUT,
        "PATCH" => http::Method::PATCH,
        other => {
            return Err((at("method"), format!("\"{other}\" is not one of GET, POST, PUT, PATCH")));
        }
    };
    let template =
        |part: &str, text: &str| Template::compile_strictly(text).map_err(|why| (at(part), why));
    let request = MarkRequest {
        url: template("url", &spec.url)?,
        body: if spec.body.is_empty() { None } else { Some(template("body", &spec.body)?) },
        origin: base.origin(),
        method,
        spec: spec.clone(),
    };
    request.name_every_id(base).map_err(|(part, message)| (at(part), message))
}

impl MarkRequest {
    /// The same request, if other ids make another one. Without ids in it the request would mean "everything", and with
    /// the first one alone the others would count as sent.
    fn name_every_id(mut self, base: &Url) -> Result<Option<Self>, (&'static str, String)> {
        const WAY_OUT: &str = "must name the ids, as in '{\"ids\": {{ ids | tojson }}}'";
        let render = |ids: &[i64]| {
            let ids: Vec<_> = ids.iter().map(|id| json!(id)).collect();
            self.render(&mark_context(&ids))
        };
        let one = render(&[71]).map_err(|why| ("body", format!("{WAY_OUT}: {why}")))?;
        if render(&[72]).is_ok_and(|other| other == one) {
            return Err(("body", WAY_OUT.to_owned()));
        }
        if !self.spec.one_by_one && render(&[71, 72]) == render(&[71, 73]) {
            let message = "must be true: the request names only one id".to_owned();
            return Err(("one_by_one", message));
        }
        let url = base.join(&one.0).map_err(|error| ("url", error.to_string()))?;
        // Whoever edits the settings is seen to name another server only if its name is not made by a template.
        if base.join(&self.spec.url).ok().map(|named| named.origin()) != Some(url.origin()) {
            return Err(("url", "must name its server in plain text, outside of {{ }}".to_owned()));
        }
        self.origin = url.origin();
        Ok(Some(self))
    }

    /// URL and body for these ids.
    pub(super) fn render(&self, context: &Value) -> Result<(String, Option<String>), String> {
        let body = self.body.as_ref().map(|body| body.render(context)).transpose()?;
        Ok((self.url.render(context)?, body))
    }
}

/// What the templates of a mark request can name.
#[must_use]
pub(super) fn mark_context(ids: &[Value]) -> Value {
    json!({ "id": ids.first(), "ids": ids })
}

#[cfg(test)]
mod tests;
