//! The one TLS configuration of the process.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls_platform_verifier::BuilderVerifierExt;

/// Makes aws-lc-rs the provider of the process. First thing in `main`; later calls change nothing.
pub fn install_provider() {
    // An error says that a provider is installed already, which is what was asked for.
    let _installed_before = aws_lc_rs::default_provider().install_default();
}

/// A client configuration that trusts what this system trusts.
pub fn client_config() -> Result<Arc<ClientConfig>, String> {
    install_provider();
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map(|builder| Arc::new(builder.with_no_client_auth()))
        .map_err(|error| {
            format!("TLS could not be set up: {error}; are the system's certificates installed?")
        })
}
