//! Where a target may be sent by an address that somebody typed in: only to servers on the public internet.
//!
//! A service inside a network trusts whoever can reach it, and the daemon can: without this, a webhook to
//! `http://192.168.1.1/reboot` would be a request from inside. What counts is the address that is dialled, not what the
//! name meant a moment before (DNS rebinding); so the check is part of the lookup of the client that dials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::config::{self, Security};

/// How a URL may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// Wherever its host is, for the configuration names it.
    Named,
    /// At public addresses only.
    Public,
}

/// A host without any public address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host has no public address")]
pub struct NotPublic;

/// Decides on a URL as far as it can be without looking up its host. The error says why it leads nowhere, and what allows it.
pub fn admit(url: &Url, security: &Security) -> Result<Passage, String> {
    let Some(host) = url.host() else {
        return Err("the address names no host".to_owned());
    };
    let named = security.allow_private_hosts.contains(&host.to_string());
    match url.scheme() {
        "http" | "https" if named => return Ok(Passage::Named),
        "https" => {}
        "http" => {
            return Err(format!(
                "{host}: only https is sent to; use it, or allow the host by name: [security] allow_private_hosts = [\"{host}\"]"
            ));
        }
        _ => return Err(format!("{host}: only https is sent to")),
    }
    let literal = match host {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        // Whatever a resolver says of its names (RFC 6761).
        Host::Domain(_) if config::is_loopback(url) => return Err(advice(url)),
        Host::Domain(_) => None,
    };
    match literal {
        Some(address) if !is_public(address) => Err(advice(url)),
        Some(_) | None => Ok(Passage::Public),
    }
}

/// What to say of a URL whose host has no public address.
#[must_use]
pub fn advice(url: &Url) -> String {
    let host = url.host_str().unwrap_or("the host");
    format!(
        "{host} is in a private network, where nothing is sent to unless the host is allowed by name: [security] allow_private_hosts = [\"{host}\"]"
    )
}

/// Whether an address belongs to the public internet, by IANA's registries of special-purpose addresses (RFC 6890): not this
/// machine, a private or shared network, a link, a group, an example, or reserved.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network; private (RFC 1918); loopback; groups, reserved and broadcast.
        (0 | 10 | 127 | 224..=255, _, _) => true,
        // Shared by the customers of a carrier (RFC 6598).
        (100, 64..=127, _) => true,
        // Link-local: also where clouds keep the credentials of their machines.
        (169, 254, _) => true,
        (172, 16..=31, _) | (192, 168, _) => true,
        // Protocol assignments, documentation, and the anycast of 6to4.
        (192, 0, 0 | 2) | (192, 88, 99) => true,
        // Benchmarks (RFC 2544).
        (198, 18..=19, _) => true,
        // Documentation (RFC 5737).
        (198, 51, 100) | (203, 0, 113) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // What a network without IPv4 writes for an IPv4 address (NAT64, RFC 6052).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments with Teredo (RFC 2928), documentation (RFC 3849, RFC 9637), and 6to4, which leads to any IPv4
        // address.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] | [0x2002, ..] => false,
        // Global unicast; all that is public is in it, and addresses that stand for IPv4 ones are not.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

/// Looks names up and keeps their public addresses.
pub struct PublicNames {
    names: Arc<dyn Resolve>,
}

impl PublicNames {
    /// Over another lookup.
    #[must_use]
    pub fn new(names: Arc<dyn Resolve>) -> Self {
        Self { names }
    }
}

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.names.resolve(name);
        Box::pin(async move {
            let public: Vec<SocketAddr> =
                found.await?.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests;
