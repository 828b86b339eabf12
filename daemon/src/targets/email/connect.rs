//! From nothing to a connection that takes mail: TCP, TLS, EHLO, AUTH.

use std::fmt::Display;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::session::{Limits, Session};
use super::settings::{Security, Spec};
use super::starttls;
use super::verdict::{self, Step, Trouble};
use super::wire::{Stream, Wire};
use crate::net::dial;
use crate::targets::Outcome;

/// Stands for the greeting that the server gave before TLS began: the library expects one, and a server says it once.
const GREETED: &[u8] = b"220 \r\n";

/// Connects and logs in. The error is what it means for the message that waits for it.
pub(super) async fn connect(
    spec: &Spec,
    tls: &Arc<ClientConfig>,
    limits: Limits,
    password: Option<&SecretString>,
) -> Result<Session, Outcome> {
    let server = spec.server.to_string();
    let tcp = dial(spec, &server).await?;
    let hello = spec.helo.clone().unwrap_or_else(|| own_address(&tcp));
    let wire = secure(spec, tls, limits, &server, &hello, tcp).await?;
    let (progress, greeting) = (wire.progress(), wire.greeting());
    let connection = greet(wire, &server, &hello, limits).await?;
    let pipelining = greeting.ended_with("PIPELINING");
    let mut session =
        Session { connection, progress, server, limits, pipelining, asked: 0, half_open: false };
    if let Some(password) = password {
        log_in(&mut session, spec, password).await?;
    }
    Ok(session)
}

async fn dial(spec: &Spec, server: &str) -> Result<TcpStream, Outcome> {
    let dialling = dial::tcp(&spec.server.host, spec.server.port);
    match timeout(dial::TIMEOUT, dialling).await {
        Ok(Ok(tcp)) => Ok(tcp),
        Ok(Err(why)) => Err(Trouble::lost(format!("{server}: {why}")).outcome),
        Err(_) => Err(silent(server, "at dialling", dial::TIMEOUT)),
    }
}

/// How a client introduces itself that has no name in the DNS (RFC 5321 section 4.1.4): a desktop.
fn own_address(tcp: &TcpStream) -> ClientId {
    match tcp.local_addr().map(|address| address.ip().to_canonical()) {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Ipv4(Ipv4Addr::LOCALHOST),
    }
}

async fn secure(
    spec: &Spec,
    tls: &Arc<ClientConfig>,
    limits: Limits,
    server: &str,
    hello: &ClientId,
    mut tcp: TcpStream,
) -> Result<Wire, Outcome> {
    let failed = |error: io::Error| Trouble::lost(format!("{server}: {error}")).outcome;
    let peer = tcp.peer_addr().map_err(failed)?;
    let (stream, first): (Box<dyn Stream>, &[u8]) = match spec.server.security {
        Security::None => (Box::new(tcp), b""),
        Security::Implicit => (Box::new(shake_hands(spec, tls, limits, server, tcp).await?), b""),
        Security::StartTls => {
            starttls::ask(&mut tcp, server, hello, limits.reply).await?;
            (Box::new(shake_hands(spec, tls, limits, server, tcp).await?), GREETED)
        }
    };
    Ok(Wire::new(stream, peer, first))
}

async fn shake_hands(
    spec: &Spec,
    tls: &Arc<ClientConfig>,
    limits: Limits,
    server: &str,
    tcp: TcpStream,
) -> Result<TlsStream<TcpStream>, Outcome> {
    let name =
        dial::server_name(&spec.server.host).map_err(|why| Outcome::Misconfigured { why })?;
    let shaking = TlsConnector::from(Arc::clone(tls)).connect(name, tcp);
    match timeout(limits.reply, shaking).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) if is_about_the_certificate(&error) => Err(Outcome::Misconfigured {
            why: format!(
                "{server}: TLS: {error}; check the name in `server`, and the system's certificates"
            ),
        }),
        Ok(Err(error)) => Err(Trouble::lost(format!("{server}: TLS: {error}")).outcome),
        Err(_) => Err(silent(server, "at the TLS handshake", limits.reply)),
    }
}

fn is_about_the_certificate(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

/// The greeting and EHLO.
async fn greet(
    wire: Wire,
    server: &str,
    hello: &ClientId,
    limits: Limits,
) -> Result<AsyncSmtpConnection, Outcome> {
    let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), hello);
    match timeout(limits.reply, greeting).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(Trouble::new(server, Step::Greeting, &error).outcome),
        Err(_) => Err(silent(server, Step::Greeting, limits.reply)),
    }
}

async fn log_in(
    session: &mut Session,
    spec: &Spec,
    password: &SecretString,
) -> Result<(), Outcome> {
    let server = &session.server;
    let Some(mechanism) = session.connection.server_info().get_auth_mechanism(spec.mechanisms)
    else {
        let wanted: Vec<String> = spec.mechanisms.iter().map(Mechanism::to_string).collect();
        let wanted = wanted.join(" or ");
        let why =
            format!("{server} offers no login by {wanted}; set `auth`, or take the password out");
        return Err(Outcome::Misconfigured { why });
    };
    let credentials = Credentials::new(spec.username.clone(), password.expose_secret().to_owned());
    let mechanisms = [mechanism];
    let login = session.connection.auth(&mechanisms, &credentials);
    match timeout(session.limits.reply, login).await {
        Ok(Ok(_)) => Ok(()),
        // What the server asks back is not what the mechanism knows: for XOAUTH2 that is its no.
        Ok(Err(error)) if error.is_client() => Err(Outcome::Misconfigured {
            why: format!(
                "{server} did not accept the login by {mechanism}; check `username`, the password and `auth`"
            ),
        }),
        Ok(Err(error)) => Err(Trouble::new(server, Step::Login, &error).outcome),
        Err(_) => Err(silent(server, Step::Login, session.limits.reply)),
    }
}

fn silent(server: &str, step: impl Display, limit: Duration) -> Outcome {
    Trouble::lost(verdict::silence(server, step, limit)).outcome
}
