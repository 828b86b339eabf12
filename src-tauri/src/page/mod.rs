//! What crosses between the page and the window, as JSON, and the pure conversions behind the window's commands.
//!
//! Nothing here knows GTK or WebKit; `ui/src/lib/types.ts` is the same for the page.

mod answer;
mod appearance;
mod failure;
mod gathered;
mod happening;
mod json;
mod place;
mod settings;
#[cfg(test)]
#[cfg(feature = "typescript")]
mod typescript;
mod versions;

pub use answer::{DeliveryPage, Page, Quiet, Report, Triage, decisions};
pub use appearance::{APPEARANCE, Appearance, Scheme};
pub use failure::{Failure, FailureKind};
pub use gathered::Gathered;
pub use happening::Happening;
pub use json::to_json;
pub use place::Place;
pub use settings::{settings_from_dict, settings_to_dict};
pub use versions::Versions;
