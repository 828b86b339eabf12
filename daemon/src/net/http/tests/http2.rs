use std::convert::Infallible;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use http::Response;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, ServerConfig, SignatureScheme};
use tokio::net::TcpListener;

use super::*;

/// Takes any certificate: these tests are about what is spoken, not with whom.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

/// A key that is made for the test, and something in the place of a certificate.
#[derive(Debug)]
struct SomeKey(Arc<CertifiedKey>);

impl SomeKey {
    fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = PrivatePkcs8KeyDer::from(key.to_pkcs8v1().unwrap().as_ref().to_vec());
        let key = rustls::crypto::aws_lc_rs::sign::any_ecdsa_type(&der.into()).unwrap();
        Self(Arc::new(CertifiedKey::new(vec![CertificateDer::from(vec![0])], key)))
    }
}

impl ResolvesServerCert for SomeKey {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

fn get(url: &Url) -> Request {
    Request { method: Method::GET, url: url.clone(), headers: HeaderMap::new(), body: None }
}

/// A server that insists on HTTP/2 and says which connection a request came on.
async fn only_http2() -> Url {
    let mut config =
        ServerConfig::builder().with_no_client_auth().with_cert_resolver(Arc::new(SomeKey::new()));
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        for connection in 1_u32.. {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let service = service_fn(move |_| async move {
                let answer = Full::new(Bytes::from(connection.to_string()));
                Ok::<_, Infallible>(Response::new(answer))
            });
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
        }
    });
    url
}

#[tokio::test]
async fn http2_is_agreed_on_in_tls_and_one_connection_is_kept() {
    let url = only_http2().await;
    let mut http = Http::new().unwrap();
    let trusting = ClientConfig::builder()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    http.tls = Arc::new(trusting);
    let http = http.http2().unwrap();
    for _ in 0..3 {
        let reply = http.call(get(&url), 0).await.unwrap();
        assert_eq!((reply.status, reply.body.as_slice()), (200, &b"1"[..]));
    }
}

/// What a server is offered in the first message of a TLS connection (ALPN).
async fn offered(connect: impl AsyncFn(Url)) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    let hello = async {
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = rustls::server::Acceptor::default();
        let begun = tokio_rustls::LazyConfigAcceptor::new(acceptor, stream).await.unwrap();
        let hello = begun.client_hello();
        let protocols = hello.alpn().into_iter().flatten();
        protocols.map(|name| String::from_utf8(name.to_vec()).unwrap()).collect()
    };
    let (offered, ()) = tokio::join!(hello, connect(url));
    offered
}

#[tokio::test]
async fn http2_is_offered_by_its_own_client_alone() {
    let http = Http::new().unwrap();
    let ask = async |http: &Http, url: Url| {
        assert!(http.call(get(&url), 0).await.is_err(), "the server goes away");
    };
    assert!(offered(async |url| ask(&http, url).await).await.is_empty());
    let http2 = http.http2().unwrap();
    assert_eq!(offered(async |url| ask(&http2, url).await).await, ["h2"]);
    let websocket = async |url: Url| {
        let dialled = crate::net::dial::dial(&url, http2.tls()).await;
        assert!(dialled.is_err(), "the server goes away");
    };
    assert!(offered(websocket).await.is_empty(), "a WebSocket is HTTP/1.1");
}
