//! Credentials: read when needed, sent as configured, never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::SecretOrigin;
use crate::sources::Secrets;
use crate::sources::json::spec::{AuthMode, AuthSpec};
use crate::sources::trouble::Trouble;

/// Most cookies of one server that are kept; browsers keep about as many.
const COOKIES: usize = 150;

/// How one source proves who it is.
pub(super) struct Auth {
    spec: AuthSpec,
    source: String,
    origin: Option<SecretOrigin>,
    secrets: Arc<dyn Secrets>,
    held: Mutex<Held>,
}

/// What is in memory between two requests.
#[derive(Default)]
struct Held {
    token: Option<SecretString>,
    cookies: BTreeMap<String, SecretString>,
}

impl Auth {
    /// Nothing is read yet.
    #[must_use]
    pub(super) fn new(
        spec: AuthSpec,
        source: &str,
        origin: Option<SecretOrigin>,
        secrets: Arc<dyn Secrets>,
    ) -> Self {
        Self { spec, source: source.to_owned(), origin, secrets, held: Mutex::default() }
    }

    /// The next connection signs in with nothing that is held now.
    pub(super) fn forget(&self) {
        *self.held() = Held::default();
    }

    /// The `auth` of the spec.
    #[must_use]
    pub(super) const fn spec(&self) -> &AuthSpec {
        &self.spec
    }

    /// Whether a request can be sent without asking anyone first.
    #[must_use]
    pub(super) fn is_ready(&self) -> bool {
        let held = self.held();
        match self.spec.mode {
            AuthMode::None => true,
            AuthMode::Header | AuthMode::Query | AuthMode::Subprotocol => held.token.is_some(),
            AuthMode::Cookie => held.cookies.contains_key(&self.spec.session_cookie),
        }
    }

    /// Reads the token or password from where the configuration says.
    pub(super) async fn secret(&self) -> Result<SecretString, Trouble> {
        let Some(origin) = &self.origin else {
            return Err(Trouble::NeedsLogin(format!(
                "no secret is configured; add `token = \"keyring\"` and run `tidings secret set {}`, or set token_file or token_command",
                self.source
            )));
        };
        self.secrets.secret(&self.source, origin).await.map_err(Trouble::from)
    }

    /// Reads the token again. `false` = it is the one we had, so that trying it again is in vain.
    pub(super) async fn read_token(&self) -> Result<bool, Trouble> {
        let token = self.secret().await?;
        let mut held = self.held();
        let before = held.token.as_ref().map(ExposeSecret::expose_secret);
        let is_new = before != Some(token.expose_secret());
        held.token = Some(token);
        Ok(is_new)
    }

    /// Forgets cookies, so that the next connection signs in again.
    pub(super) fn forget_cookies(&self) {
        self.held().cookies.clear();
    }

    /// Takes over cookies as the server set them; it may rotate them with any answer.
    pub(super) fn take_cookies(&self, set_cookies: &[String]) {
        if self.spec.mode != AuthMode::Cookie {
            return;
        }
        let mut held = self.held();
        for (name, value) in set_cookies.iter().filter_map(|line| parse_cookie(line)) {
            match value {
                None => drop(held.cookies.remove(&name)),
                Some(_) if held.cookies.len() >= COOKIES && !held.cookies.contains_key(&name) => {}
                Some(value) => drop(held.cookies.insert(name, SecretString::from(value))),
            }
        }
    }

    /// A cookie's value.
    #[must_use]
    pub(super) fn cookie(&self, name: &str) -> Option<SecretString> {
        self.held().cookies.get(name).cloned()
    }

    /// The headers that prove who we are, for requests and handshakes.
    pub(super) fn headers(&self) -> Result<HeaderMap, Trouble> {
        let mut headers = HeaderMap::new();
        let held = self.held();
        match self.spec.mode {
            AuthMode::None | AuthMode::Query => {}
            AuthMode::Header | AuthMode::Subprotocol => {
                if let Some(token) = &held.token {
                    let (name, value) = self.token_header(token)?;
                    headers.insert(name, value);
                }
            }
            AuthMode::Cookie => {
                let pairs = held.cookies.iter();
                let pairs: Vec<String> = pairs
                    .map(|(name, value)| format!("{name}={}", value.expose_secret()))
                    .collect();
                if !pairs.is_empty() {
                    headers.insert(COOKIE, sensitive(&pairs.join("; "))?);
                }
            }
        }
        Ok(headers)
    }

    /// Puts the token into a URL where that is how the server wants it.
    pub(super) fn sign_url(&self, url: &mut Url) {
        if self.spec.mode != AuthMode::Query {
            return;
        }
        if let Some(token) = &self.held().token {
            url.query_pairs_mut().append_pair(&self.spec.query, token.expose_secret());
        }
    }

    /// Subprotocols that carry the token.
    #[must_use]
    pub(super) fn subprotocols(&self) -> Vec<String> {
        if self.spec.mode != AuthMode::Subprotocol {
            return Vec::new();
        }
        let token = self.held().token.as_ref().map(|token| token.expose_secret().to_owned());
        let name = (!self.spec.subprotocol.is_empty()).then(|| self.spec.subprotocol.clone());
        name.into_iter().chain(token).collect()
    }

    fn token_header(&self, token: &SecretString) -> Result<(HeaderName, HeaderValue), Trouble> {
        let name = HeaderName::try_from(self.spec.header.as_str()).unwrap_or(AUTHORIZATION);
        let value = match self.spec.scheme.as_str() {
            "" => sensitive(token.expose_secret())?,
            scheme => sensitive(&format!("{scheme} {}", token.expose_secret()))?,
        };
        Ok((name, value))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // A panic elsewhere leaves nothing half-written here.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("mode", &self.spec.mode).finish_non_exhaustive()
    }
}

/// The hidden CSRF token of a Django login form.
#[must_use]
pub(super) fn form_token(html: &str) -> Option<String> {
    let at = html.find("csrfmiddlewaretoken")?;
    let start = html[..at].rfind('<')?;
    let end = at + html[at..].find('>')?;
    let tag = &html[start..end];
    let value = tag.find("value=")? + "value=".len();
    let quote = tag[value..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let rest = &tag[value + 1..];
    rest.split(quote).next().map(str::to_owned)
}

/// Name and value of a `Set-Cookie` line; no value = the cookie is deleted.
fn parse_cookie(line: &str) -> Option<(String, Option<String>)> {
    let mut parts = line.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let deleted = matches!(value, "" | "\"\"")
        || parts.any(|attribute| attribute.trim().eq_ignore_ascii_case("max-age=0"));
    (!name.is_empty()).then(|| (name.to_owned(), (!deleted).then(|| value.to_owned())))
}

fn sensitive(text: &str) -> Result<HeaderValue, Trouble> {
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        Trouble::NeedsLogin(
            "the secret holds characters that no header can carry; store it again".to_owned(),
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::SecretError;

    #[test]
    fn form_token_is_found_in_any_order_of_attributes() {
        for html in [
            r#"<form><input type="hidden" name="csrfmiddlewaretoken" value="abc"></form>"#,
            r"<input value='abc' type='hidden' name='csrfmiddlewaretoken'>",
        ] {
            assert_eq!(form_token(html).as_deref(), Some("abc"), "{html}");
        }
        for html in [
            "",
            "csrfmiddlewaretoken",
            "<input name=csrfmiddlewaretoken value=>",
            "<csrfmiddlewaretoken>",
        ] {
            assert_eq!(form_token(html), None, "{html}");
        }
    }

    #[test]
    fn cookies_are_read_replaced_and_deleted() {
        assert_eq!(
            parse_cookie("sessionid=xyz; HttpOnly; Path=/"),
            Some(("sessionid".to_owned(), Some("xyz".to_owned())))
        );
        assert_eq!(parse_cookie("sessionid=\"\"; Max-Age=0"), Some(("sessionid".to_owned(), None)));
        assert_eq!(parse_cookie("nonsense"), None);
    }

    #[test]
    fn server_that_sets_ever_new_cookies_does_not_fill_the_memory() {
        struct Nothing;
        impl Secrets for Nothing {
            fn secret<'a>(
                &'a self,
                _source: &'a str,
                _origin: &'a SecretOrigin,
            ) -> std::pin::Pin<
                Box<dyn Future<Output = Result<SecretString, SecretError>> + Send + 'a>,
            > {
                Box::pin(std::future::ready(Err(SecretError::KeyringAbsent)))
            }
        }
        let spec = AuthSpec { mode: AuthMode::Cookie, ..AuthSpec::default() };
        let auth = Auth::new(spec, "orders", None, Arc::new(Nothing));
        auth.take_cookies(&["sessionid=old".to_owned()]);
        let cookies: Vec<_> = (0..10_000).map(|n| format!("c{n}=v")).collect();
        auth.take_cookies(&cookies);
        assert_eq!(auth.held().cookies.len(), COOKIES);
        auth.take_cookies(&["sessionid=new".to_owned()]);
        let session = auth.cookie("sessionid").unwrap();
        assert_eq!(session.expose_secret(), "new", "a known cookie is still renewed");
    }
}
