//! The mail server of `tests/fixtures/smtp` as a child process: real SMTP, by a script.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tempfile::TempDir;

/// Killed when dropped.
pub(super) struct MailServer {
    folder: TempDir,
    process: Child,
    port: u16,
}

impl MailServer {
    /// Starts a server that does as the script says.
    pub(super) fn start(script: &Value, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let steps = folder.path().join("steps.json");
        std::fs::write(&steps, script.to_string()).unwrap();
        let mut process = Command::new(python())
            .arg(fixtures().join("smtp/server.py"))
            .arg("--script")
            .arg(steps)
            .arg("--out")
            .arg(folder.path())
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the first line is the port");
        Self { folder, process, port }
    }

    /// A server that does what is right.
    pub(super) fn sound() -> Self {
        Self::start(&serde_json::json!({}), &[])
    }

    /// Gives it another script; counting begins anew.
    pub(super) fn follow(&self, script: &Value) {
        std::fs::write(self.folder.path().join("steps.json"), script.to_string()).unwrap();
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Every message that came, taken apart.
    pub(super) fn mails(&self) -> Vec<Value> {
        let read = |number: usize| {
            let path = self.folder.path().join(format!("{number:04}.json"));
            Some(serde_json::from_str(&std::fs::read_to_string(path).ok()?).unwrap())
        };
        (1..).map_while(read).collect()
    }

    /// What clients said: the number of the connection and the command.
    pub(super) fn said(&self) -> Vec<(u64, String)> {
        self.log().iter().map(|event| (number(event), step(event))).collect()
    }

    /// The commands of each read in which there was nothing else.
    pub(super) fn read_at_once(&self) -> Vec<Vec<String>> {
        let reads = std::fs::read_to_string(self.folder.path().join("reads.jsonl")).unwrap();
        reads.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The commands that were not in TLS.
    pub(super) fn said_in_clear(&self) -> Vec<String> {
        self.log().iter().filter(|event| event["tls"] == false).map(step).collect()
    }

    fn log(&self) -> Vec<Value> {
        let log = std::fs::read_to_string(self.folder.path().join("log.jsonl")).unwrap();
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// How many connections there were on which something was said.
    pub(super) fn connections(&self) -> u64 {
        self.said().into_iter().map(|(connection, _)| connection).max().unwrap_or_default()
    }

    /// A configuration that trusts the server's authority and nobody else.
    pub(super) fn trusted(&self) -> Arc<ClientConfig> {
        crate::net::tls::install_provider();
        let pem = std::fs::read(self.folder.path().join("ca.pem")).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
        Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _ = self.process.wait();
    }
}

fn number(event: &Value) -> u64 {
    event["connection"].as_u64().unwrap()
}

fn step(event: &Value) -> String {
    event["said"].as_str().unwrap().to_owned()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures")
}

/// The python of the virtual environment that the fixtures share, installed on first use.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let install = Command::new(fixtures().join("django/install")).output().unwrap();
        assert!(install.status.success(), "{}", String::from_utf8_lossy(&install.stderr));
        PathBuf::from(String::from_utf8(install.stdout).unwrap().trim())
    })
}
