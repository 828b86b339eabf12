//! Pieces of `config.toml`.

use anyhow::Result;

use crate::django::{DjangoServer, PASSWORD, User};
use crate::faulty_server::{FaultyServer, TOKEN};
use crate::session::Session;

/// The name of the source in most tests.
pub const SOURCE: &str = "orders";

/// Intervals of seconds where a person's configuration has minutes: tests wait for what they cause.
const BRISK: &str = r#"sync.reconcile_every = "1s"
sync.debounce = "100ms"
"#;

/// A source that signs in to the real server with the user's token.
pub fn django(session: &Session, server: &DjangoServer, user: &User) -> Result<String> {
    django_preset(session, "django-channels", server, &user.token)
}

/// The same with another preset that takes a token.
pub fn django_preset(
    session: &Session,
    preset: &str,
    server: &DjangoServer,
    token: &str,
) -> Result<String> {
    source(session, preset, &server.url(), token)
}

/// A source that signs in to the real server with a password, for a session cookie.
pub fn django_cookie(
    session: &Session,
    preset: &str,
    server: &DjangoServer,
    user: &User,
) -> Result<String> {
    let text = source(session, preset, &server.url(), PASSWORD)?;
    Ok(format!("{text}auth.mode = \"cookie\"\nauth.username = \"{}\"\n", user.name))
}

/// A source that signs in to the faulty server.
pub fn faulty(session: &Session, server: &FaultyServer) -> Result<String> {
    source(session, "django-channels", &server.url(), TOKEN)
}

/// A `[[source]]` called [`SOURCE`]; further keys of it may be appended as lines.
fn source(session: &Session, preset: &str, url: &str, secret: &str) -> Result<String> {
    let file = session.secret_file("orders.token", secret)?;
    Ok(format!(
        "[[source]]\nname = \"{SOURCE}\"\nkind = \"json\"\npreset = \"{preset}\"\nurl = \"{url}\"\n\
         token_file = \"{}\"\n{BRISK}",
        file.display()
    ))
}
