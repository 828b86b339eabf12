//! Opening what a person clicked.

use std::future::Future;
use std::pin::Pin;

/// Opens URLs. The desktop does it for people, a recorder in tests.
pub trait Open: Send + Sync {
    /// Opens an allowed URL, handing the focus on with the token; the error says why not, in words.
    fn open<'a>(
        &'a self,
        url: String,
        activation_token: Option<String>,
    ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;
}
