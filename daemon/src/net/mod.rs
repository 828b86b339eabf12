//! Dialling, WebSockets, HTTP, liveness and backoff, shared by all sources.
