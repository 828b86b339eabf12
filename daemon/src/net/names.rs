//! Looking up hosts, with words for a person where there is none.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The system knows no address for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host is not found; check its name in the address, and whether this machine is online")]
pub struct NotFound;

/// Asks the system; at least one address.
pub async fn resolve(name: &str, port: u16) -> Result<Vec<SocketAddr>, NotFound> {
    let found = tokio::net::lookup_host((name, port)).await;
    let addresses: Vec<SocketAddr> = found
        .inspect_err(|error| tracing::debug!(%error, "a host was not found"))
        .map_err(|_| NotFound)?
        .collect();
    if addresses.is_empty() { Err(NotFound) } else { Ok(addresses) }
}

/// The same for the HTTP client.
#[derive(Clone, Copy, Debug)]
pub struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The client puts the port of the URL in its place.
            let addresses = resolve(name.as_str(), 0).await?;
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use url::Url;

    use super::*;
    use crate::net::http::{Http, Request};
    use crate::net::{dial, tls};

    #[tokio::test]
    async fn a_host_that_does_not_exist_is_told_in_plain_words() {
        let url = Url::parse("https://no.such.host.invalid/x?token=SECRET").unwrap();
        let tls = tls::client_config().unwrap();
        let dialled = dial::dial(&url, &tls).await.err().unwrap();
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: None };
        let asked = Http::new().unwrap().send(request, 0).await.unwrap_err();
        assert_eq!(asked, dialled, "whoever asks, the words are the same");
        assert_eq!(asked, format!("no.such.host.invalid:443: {NotFound}"));
    }
}
