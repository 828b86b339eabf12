//! What the black-box tests share: a private bus, fakes that record and misbehave on request, and
//! waiting with a deadline instead of sleeping.

pub mod bus;
pub mod popup_server;
pub mod screen;
pub mod wait;
