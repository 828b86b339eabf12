//! TLS before a server that speaks none, as a reverse proxy does it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::{django, programs};

/// The proxy, with a certificate for `127.0.0.1` by an authority of its own. It stops when this value is dropped.
#[derive(Debug)]
pub struct TlsFront {
    port: u16,
    authority: PathBuf,
    _folder: TempDir,
    task: JoinHandle<()>,
}

impl TlsFront {
    /// Starts on a free port of loopback, before the server on this one.
    pub async fn before(port: u16) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let acceptor = acceptor(folder.path()).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let own = listener.local_addr()?.port();
        let task = tokio::spawn(serve(listener, acceptor, port));
        let authority = folder.path().join("ca.pem");
        Ok(Self { port: own, authority, _folder: folder, task })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The file with the certificate of its authority.
    #[must_use]
    pub fn authority(&self) -> &Path {
        &self.authority
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Makes the certificates as the mail server of the tests does, in this folder.
async fn acceptor(folder: &Path) -> Result<TlsAcceptor> {
    let make = "import certificates, pathlib, sys; certificates.context(pathlib.Path(sys.argv[1]), 'good')";
    let made = Command::new(django::python()?)
        .args(["-c", make])
        .arg(folder)
        .current_dir(programs::workspace().join("tests/fixtures/smtp"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .await
        .context("making certificates")?;
    ensure!(made.status.success(), "no certificates: {}", String::from_utf8_lossy(&made.stderr));
    let own = folder.join("server.pem");
    let chain = CertificateDer::pem_file_iter(&own)?.collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(&own)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, behind: u16) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(pass_on(stream, acceptor.clone(), behind));
        while connections.try_join_next().is_some() {}
    }
}

async fn pass_on(stream: TcpStream, acceptor: TlsAcceptor, behind: u16) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut client = acceptor.accept(stream).await?;
    let mut server = TcpStream::connect(("127.0.0.1", behind)).await?;
    server.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
