//! The keys of a target of kind `email`.

use std::fmt;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::extension::ClientId;
use tidings_api::{Address, FieldKind, FormField};
use url::{Host, Url};

use super::address;
use crate::config::{self, KeyProblem};
use crate::targets::settings::{Settings, field};

const SERVER: &str = "smtps://mail.example.org";
const FROM: &str = "Tidings <tidings@example.org>";
const AUTH: [&str; 4] = ["auto", "plain", "login", "xoauth2"];
const TLS: [&str; 2] = ["required", "none"];
/// Longest link to unsubscribe, in bytes: it cannot be folded, and a line of a header has 998 (RFC 5322 section 2.1.1).
const UNSUBSCRIBE_BYTES: usize = 900;

/// What the keys say.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    /// Where mail is handed in.
    pub(super) server: Server,
    /// The sender, also of the envelope.
    pub(super) from: Mailbox,
    /// Whom the server knows us as.
    pub(super) username: String,
    /// How we log in, the best first.
    pub(super) mechanisms: &'static [Mechanism],
    /// How we introduce ourselves; `None` = by the address of this end of the connection.
    pub(super) helo: Option<ClientId>,
    /// Where the recipient can unsubscribe: `https` or `mailto`.
    pub(super) unsubscribe: Option<String>,
}

/// Where mail is handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) host: Host,
    pub(super) port: u16,
    pub(super) security: Security,
}

/// How a connection is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// By STARTTLS, or not at all (RFC 3207).
    StartTls,
    /// Readable by anybody on the way.
    None,
}

/// For messages: `mail.example.org:465`.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Server {
    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.to_canonical().is_loopback(),
        }
    }
}

/// What is wrong with the settings, and with sending over them.
pub(super) fn check(table: &toml::Table, allowed: &config::Security) -> Vec<KeyProblem> {
    let readable = |spec: Spec| {
        let message = in_the_clear(&spec.server, allowed)?;
        Some(KeyProblem { key: "tls".to_owned(), message, known: Vec::new() })
    };
    read(table).map_or_else(|problems| problems, |spec| readable(spec).into_iter().collect())
}

/// Why nothing is sent there, if everybody on the way could read it.
pub(super) fn in_the_clear(server: &Server, allowed: &config::Security) -> Option<String> {
    let host = server.host.to_string();
    let fine = server.is_loopback() || allowed.allow_insecure_hosts.contains(&host);
    (server.security == Security::None && !fine).then(|| {
        format!(
            "mail would travel unencrypted to {host}; take `tls = \"none\"` out, or allow it by name: \
             [security] allow_insecure_hosts = [\"{host}\"]"
        )
    })
}

/// Reads the settings.
pub(super) fn read(table: &toml::Table) -> Result<Spec, Vec<KeyProblem>> {
    let mut settings = Settings::new("email", table);
    let server = read_server(&mut settings);
    let from = read_from(&mut settings);
    let username = read_username(&mut settings);
    let mechanisms = read_mechanisms(&mut settings);
    let helo = read_helo(&mut settings);
    let unsubscribe = read_unsubscribe(&mut settings);
    settings.finish()?;
    // Each is missing only after a problem.
    let (Some(server), Some(from)) = (server, from) else { return Err(Vec::new()) };
    let username = username.unwrap_or_else(|| from.email.to_string());
    Ok(Spec { server, from, username, mechanisms, helo, unsubscribe })
}

fn read_server(settings: &mut Settings<'_>) -> Option<Server> {
    let text = settings.required("server", SERVER);
    let plain = settings.choice("tls", &TLS) == "none";
    if text.is_empty() {
        return None;
    }
    let Some((scheme, host, port)) = parse_server(text) else {
        settings.problem(
            "server",
            "`server` is the address of a mail server, like \"smtps://mail.example.org\" (TLS) or \
             \"smtp://mail.example.org\" (STARTTLS)",
        );
        return None;
    };
    let (security, usual) = match (scheme.as_str(), plain) {
        ("smtps", false) => (Security::Implicit, 465),
        ("smtps", true) => {
            settings.problem("tls", "smtps:// is TLS; write smtp:// for a server without");
            return None;
        }
        (_, false) => (Security::StartTls, 587),
        (_, true) => (Security::None, 25),
    };
    Some(Server { host, port: port.unwrap_or(usual), security })
}

fn parse_server(text: &str) -> Option<(String, Host, Option<u16>)> {
    let url = Url::parse(text).ok()?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let known = matches!(url.scheme(), "smtp" | "smtps");
    if !known || !bare || !anonymous {
        return None;
    }
    // The parser of URLs does not look into hosts of schemes that browsers do not know.
    let host = Host::parse(url.host_str()?).ok()?;
    Some((url.scheme().to_owned(), host, url.port()))
}

fn read_from(settings: &mut Settings<'_>) -> Option<Mailbox> {
    let text = settings.required("from", FROM);
    if text.is_empty() {
        return None;
    }
    let from = parse_from(text);
    if from.is_none() {
        settings.problem("from", format!("`from` is the sender, like \"{FROM}\""));
    }
    from
}

fn parse_from(text: &str) -> Option<Mailbox> {
    if text.chars().any(char::is_control) {
        return None;
    }
    let mailbox: Mailbox = text.parse().ok()?;
    let name = mailbox.name.filter(|name| !name.trim().is_empty());
    Some(Mailbox::new(name, address::parse(mailbox.email.as_ref()).ok()?))
}

fn read_username(settings: &mut Settings<'_>) -> Option<String> {
    let username = settings.text("username")?;
    if username.chars().any(char::is_control) {
        settings.problem("username", "`username` has control characters in it");
    }
    Some(username.to_owned())
}

fn read_mechanisms(settings: &mut Settings<'_>) -> &'static [Mechanism] {
    match settings.choice("auth", &AUTH) {
        "plain" => &[Mechanism::Plain],
        "login" => &[Mechanism::Login],
        "xoauth2" => &[Mechanism::Xoauth2],
        // A password is no access token, so XOAUTH2 is not guessed.
        _ => &[Mechanism::Plain, Mechanism::Login],
    }
}

fn read_helo(settings: &mut Settings<'_>) -> Option<ClientId> {
    let helo = settings.text("helo")?;
    if helo.len() > 255 || !helo.bytes().all(|byte| byte.is_ascii_graphic()) {
        settings.problem(
            "helo",
            "`helo` is the name of this machine, like \"desk.example.org\" or \"[192.0.2.1]\"",
        );
    }
    Some(ClientId::Domain(helo.to_owned()))
}

fn read_unsubscribe(settings: &mut Settings<'_>) -> Option<String> {
    let text = settings.text("unsubscribe")?;
    let link =
        Address::parse(text).ok().map(|address| address.as_str().to_owned()).filter(|link| {
            let known = link.starts_with("https:") || link.starts_with("mailto:");
            known && link.len() <= UNSUBSCRIBE_BYTES
        });
    if link.is_none() {
        settings.problem(
            "unsubscribe",
            "`unsubscribe` is an https: or mailto: link, like \"mailto:me@example.org?subject=stop\"",
        );
    }
    link
}

/// The fields of the form.
pub(super) fn fields() -> Vec<FormField> {
    let required = |field: FormField, example: &str| FormField {
        required: true,
        example: example.to_owned(),
        ..field
    };
    let advanced = |field: FormField, default: &str| FormField {
        advanced: true,
        default: default.to_owned(),
        ..field
    };
    let choice = |field: FormField, words: &[&str]| FormField {
        choices: words.iter().map(|word| (*word).to_owned()).collect(),
        ..field
    };
    let server = "The mail server: smtps:// for TLS (port 465), smtp:// for STARTTLS (port 587).";
    let from = "The sender; a name may stand before the address.";
    let username = "Whom the mail server knows you as.";
    let auth = "How to log in; xoauth2 takes an access token for the password.";
    let tls = "\"none\" sends everything readable: only to this machine, or to a host that the file allows.";
    let helo = "How this machine introduces itself to the server.";
    let unsubscribe = "An https: or mailto: link that mail programs show as a button.";
    vec![
        required(field("server", FieldKind::Text, server), SERVER),
        required(field("from", FieldKind::Text, from), FROM),
        FormField {
            default: "the address of `from`".to_owned(),
            ..field("username", FieldKind::Text, username)
        },
        choice(advanced(field("auth", FieldKind::Choice, auth), AUTH[0]), &AUTH),
        choice(advanced(field("tls", FieldKind::Choice, tls), TLS[0]), &TLS),
        advanced(field("helo", FieldKind::Text, helo), "the address of this end of the connection"),
        advanced(field("unsubscribe", FieldKind::Text, unsubscribe), ""),
    ]
}
