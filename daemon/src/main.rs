//! `tidingsd`, the Tidings daemon.
fn main() {}
