//! What the black-box tests share: a private session, the programs under test, real servers, fakes that
//! record and misbehave on request, and waiting with a deadline instead of sleeping.

pub mod bus;
pub mod config;
pub mod display;
pub mod django;
pub mod documented;
pub mod faulty_server;
pub mod home_assistant;
mod http;
pub mod keyring;
pub mod listening;
pub mod live_server;
pub mod popup_server;
pub mod portal;
pub mod programs;
pub mod receiver;
pub mod sample_inbox;
pub mod scene;
pub mod screen;
pub mod session;
pub mod stranger;
pub mod tidings;
pub mod tidingsd;
pub mod tls_front;
pub mod tray;
pub mod tray_host;
pub mod wait;
pub mod webdriver;
pub mod window;
