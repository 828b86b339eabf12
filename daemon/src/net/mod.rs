//! Dialling, WebSockets, HTTP, liveness and backoff, shared by all sources and targets.

pub mod backoff;
pub mod dial;
pub mod guard;
pub mod http;
pub mod link;
pub mod liveness;
pub mod names;
pub mod tls;
pub mod websocket;
