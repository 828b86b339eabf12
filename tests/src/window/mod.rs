//! The window under test, as a person has it: a screen, a mouse, a keyboard, and eyes.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use tidings_tests::session::Session;
//! use tidings_tests::window::Window;
//!
//! let session = Session::start().await?;
//! let daemon = session.daemon().await?;
//! let window = Window::open(&session).await?;
//! daemon.post("Backup finished").await?;
//! window.wait_for("Backup finished").await?; // words on the screen …
//! window.click("Backup finished").await?;
//! window.press("e").await?; // … or keys, with `Ctrl+`, `Shift+` and names such as `Escape`
//! window.wait_until_gone("article").await?; // a CSS selector: an element's name, or with one of # . [ > :
//! window.type_into("input[type=search]", "backup").await?;
//! window.screenshot("nothing-left").await?; // target/screenshots/nothing-left.png
//! # Ok(())
//! # }
//! ```
//!
//! Whatever looks for something waits for it with a deadline, and fails with what is on the screen instead.

mod barriers;
mod frame;
mod keys;
mod page;
mod process;
mod unattended;

pub use page::{Refused, Window};
pub use unattended::Unattended;
