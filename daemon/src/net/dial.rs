//! TCP and TLS connections, with a limit on the time they take.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::net::names;

/// Head start of one address over the next (RFC 8305 recommends 250 ms).
const HEAD_START: Duration = Duration::from_millis(250);
/// Most addresses of one name that are tried.
const ADDRESSES: usize = 6;
/// How long name, TCP and TLS may take together.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// A byte stream in both directions, in the clear or not.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Connects to the host of an `http`, `https`, `ws` or `wss` URL. The error names the host, never the URL.
pub async fn dial(url: &Url, tls: &Arc<ClientConfig>) -> Result<Box<dyn Duplex>, String> {
    let place = place(url);
    match tokio::time::timeout(TIMEOUT, connect(url, tls)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(why)) => Err(format!("{place}: {why}")),
        Err(_) => Err(format!("{place}: no connection within {} s", TIMEOUT.as_secs())),
    }
}

/// Host and port of a URL, for messages.
#[must_use]
pub fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or("no host");
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Connects to a host without TLS, whatever address of it answers first. The error says what is in the way, without the host.
pub async fn tcp(host: &Host, port: u16) -> Result<TcpStream, String> {
    let tcp = race(interleave(resolve(host, port).await?)).await?;
    // A notification is small and should leave at once; failing to say so costs some milliseconds at most.
    let _not_supported = tcp.set_nodelay(true);
    Ok(tcp)
}

async fn connect(url: &Url, tls: &Arc<ClientConfig>) -> Result<Box<dyn Duplex>, String> {
    let host = url.host().ok_or("the URL has no host")?.to_owned();
    let port = url.port_or_known_default().ok_or("the URL has no port")?;
    let tcp = tcp(&host, port).await?;
    if matches!(url.scheme(), "http" | "ws") {
        return Ok(Box::new(tcp));
    }
    let name = server_name(&host)?;
    let secured = TlsConnector::from(Arc::clone(tls)).connect(name, tcp).await;
    Ok(Box::new(secured.map_err(|error| format!("TLS: {error}"))?))
}

async fn resolve(host: &Host, port: u16) -> Result<Vec<SocketAddr>, String> {
    match host {
        Host::Ipv4(ip) => Ok(vec![SocketAddr::from((*ip, port))]),
        Host::Ipv6(ip) => Ok(vec![SocketAddr::from((*ip, port))]),
        Host::Domain(name) => {
            names::resolve(name, port).await.map_err(|not_found| not_found.to_string())
        }
    }
}

/// Alternates the address families, so that a broken one costs a head start and not a timeout.
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut mixed = Vec::new();
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        let before = mixed.len();
        mixed.extend(first.next());
        mixed.extend(second.next());
        if mixed.len() == before || mixed.len() >= ADDRESSES {
            return mixed;
        }
    }
}

/// The first connection that stands; later addresses start later, or as soon as an earlier one has failed.
async fn race(addresses: Vec<SocketAddr>) -> Result<TcpStream, String> {
    let mut waiting = addresses.into_iter();
    let mut running = FuturesUnordered::new();
    let mut last_error = "the name has no address".to_owned();
    running.extend(waiting.next().map(TcpStream::connect));
    while !running.is_empty() {
        let head_start = tokio::time::sleep(HEAD_START);
        tokio::select! {
            Some(result) = running.next() => match result {
                Ok(stream) => return Ok(stream),
                Err(error) => {
                    last_error = error.to_string();
                    running.extend(waiting.next().map(TcpStream::connect));
                }
            },
            () = head_start, if waiting.len() > 0 => {
                running.extend(waiting.next().map(TcpStream::connect));
            }
        }
    }
    Err(last_error)
}

/// The name that the certificate of a host must bear.
pub fn server_name(host: &Host) -> Result<ServerName<'static>, String> {
    match host {
        Host::Ipv4(ip) => Ok(ServerName::from(std::net::IpAddr::V4(*ip))),
        Host::Ipv6(ip) => Ok(ServerName::from(std::net::IpAddr::V6(*ip))),
        Host::Domain(name) => ServerName::try_from(name.clone())
            .map_err(|_| format!("\"{name}\" cannot be the name of a certificate")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_families_alternate() {
        let v6: SocketAddr = "[2001:db8::1]:1".parse().unwrap();
        let v4: SocketAddr = "192.0.2.1:1".parse().unwrap();
        assert_eq!(interleave(vec![v6, v6, v6, v4]), vec![v6, v4, v6, v6]);
        assert!(interleave(vec![v4; 50]).len() <= ADDRESSES + 1, "a long answer is bounded");
    }

    #[tokio::test]
    async fn second_address_serves_when_the_first_refuses() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = listener.local_addr().unwrap();
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let bad = closed.local_addr().unwrap();
        drop(closed);
        let stream = race(vec![bad, good]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
    }

    #[tokio::test]
    async fn refused_connection_names_host_and_port_and_not_the_query() {
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = closed.local_addr().unwrap().port();
        drop(closed);
        let url = Url::parse(&format!("ws://127.0.0.1:{port}/ws/?token=SECRET")).unwrap();
        let why = dial(&url, &crate::net::tls::client_config().unwrap()).await.err().unwrap();
        assert!(why.contains(&format!("127.0.0.1:{port}")), "{why}");
        assert!(!why.contains("SECRET"), "{why}");
    }
}
