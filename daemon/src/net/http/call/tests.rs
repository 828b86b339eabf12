use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderMap, Method};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::net::guard::PublicNames;
use crate::net::names::Names;

fn request(url: &str) -> Request {
    Request {
        method: Method::POST,
        url: Url::parse(url).unwrap(),
        headers: HeaderMap::new(),
        body: Some(("text/plain", b"hello".to_vec())),
    }
}

/// Allows the loopback address that test servers have.
fn allowing(host: &str) -> Security {
    Security { allow_private_hosts: vec![host.to_owned()], ..Security::default() }
}

/// A server that reads one request and then does as told.
async fn server<F: Future<Output = ()> + Send>(
    then: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"hello") {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "the request is whole");
        }
        then(stream).await;
    });
    format!("http://{address}/hook/SECRET")
}

async fn answering(answer: &'static str) -> String {
    server(move |mut stream| async move { stream.write_all(answer.as_bytes()).await.unwrap() })
        .await
}

/// What a call of both kinds fails with.
async fn failures(url: impl AsyncFn() -> String) -> [CallError; 2] {
    let http = Http::new().unwrap();
    let plain = http.call(request(&url().await), 0).await.unwrap_err();
    let guarded = http.send_guarded(request(&url().await), &allowing("127.0.0.1"), 0).await;
    match guarded.unwrap_err() {
        GuardedError::Call(error) => [plain, error],
        GuardedError::Blocked(why) => panic!("blocked: {why}"),
    }
}

#[tokio::test]
async fn what_fails_before_the_connection_stands_was_not_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = format!("http://{}/hook/SECRET", closed.local_addr().unwrap());
    drop(closed);
    let plain = MockServer::start().await;
    let no_tls = format!("{}/hook/SECRET", plain.uri().replace("http:", "https:"));
    for url in [refused, no_tls] {
        for error in failures(async || url.clone()).await {
            let CallError::NotSent(why) = error else { panic!("{url}: {error:?}") };
            assert!(why.contains("127.0.0.1:") && !why.contains("SECRET"), "{why}");
        }
    }
    let nowhere = request("https://no.such.host.invalid/hook/SECRET");
    let error = Http::new().unwrap().send_guarded(nowhere, &Security::default(), 0).await;
    assert!(
        matches!(&error, Err(GuardedError::Call(CallError::NotSent(why))) if !why.contains("SECRET")),
        "a host that does not exist is not a private one: {error:?}"
    );
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_leaves_it_unknown() {
    for error in failures(async || server(|stream| async { drop(stream) }).await).await {
        let CallError::Lost(why) = error else { panic!("{error:?}") };
        assert!(!why.contains("SECRET"), "{why}");
    }
    for error in failures(async || answering("HTTP/1.1 nonsense\r\n\r\n").await).await {
        assert!(matches!(error, CallError::Lost(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_leaves_it_unknown() {
    let url = server(|stream| async {
        // From here on all wait for the clock alone.
        tokio::time::pause();
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let error = Http::new().unwrap().call(request(&url), 0).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Lost(why) if why.ends_with("no answer in time")),
        "{error:?}"
    );
}

const CUT_OFF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\napns-id: X\r\n\r\nhalf";

#[tokio::test]
async fn half_an_answer_is_lost_where_its_content_counts() {
    let http = Http::new().unwrap();
    let error = http.call(request(&answering(CUT_OFF).await), 0).await.unwrap_err();
    assert!(matches!(error, CallError::Lost(_)), "{error:?}");
    let url = answering(CUT_OFF).await;
    let reply = http.send_guarded(request(&url), &allowing("127.0.0.1"), 0).await.unwrap();
    assert_eq!(
        (reply.status, reply.body.as_slice()),
        (200, &b"half"[..]),
        "the status is the answer"
    );
    assert_eq!(reply.headers["apns-id"], "X");
}

#[tokio::test]
async fn an_endless_answer_is_not_read_where_its_status_says_all() {
    let url = server(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let http = Http::new().unwrap();
    let reply = http.send_guarded(request(&url), &allowing("127.0.0.1"), 0).await.unwrap();
    assert_eq!(reply.body.len(), GUARDED_BODY_MAX);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let inside = MockServer::start().await;
    let outside = MockServer::start().await;
    let to = format!("{}/reboot", inside.uri());
    Mock::given(any())
        .respond_with(ResponseTemplate::new(307).insert_header("location", to.as_str()))
        .mount(&outside)
        .await;
    let http = Http::new().unwrap();
    let reply = http.send_guarded(request(&outside.uri()), &allowing("127.0.0.1"), 0).await;
    assert_eq!(reply.unwrap().status, 307);
    assert!(inside.received_requests().await.unwrap().is_empty());
}

/// The first lookup finds a public server, every other this machine.
#[derive(Default)]
struct Rebinding(AtomicUsize);

impl Resolve for Rebinding {
    fn resolve(&self, _: Name) -> Resolving {
        let public = self.0.fetch_add(1, Ordering::Relaxed) == 0;
        let ip = if public { "93.184.216.34" } else { "127.0.0.1" };
        let addresses: Addrs = Box::new([SocketAddr::new(ip.parse().unwrap(), 0)].into_iter());
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_leads_nowhere() {
    let inside = MockServer::start().await;
    let proxy = MockServer::start().await;
    let names = Arc::new(Rebinding::default());
    let checked = PublicNames::new(names.clone()).resolve("evil.example".parse().unwrap()).await;
    assert_eq!(checked.unwrap().count(), 1, "whoever checks first sees a public server");
    let variable = |name: &str| name.to_lowercase().ends_with("proxy").then(|| proxy.uri());
    let http = Http::assemble(&variable, names).unwrap();
    let url = format!("https://evil.example:{}/hook/SECRET", inside.address().port());
    let error = http.send_guarded(request(&url), &Security::default(), 0).await.unwrap_err();
    let GuardedError::Blocked(why) = error else { panic!("{error:?}") };
    assert!(why.contains("allow_private_hosts = [\"evil.example\"]"), "{why}");
    assert!(!why.contains("SECRET"), "{why}");
    for server in [inside, proxy] {
        assert!(server.received_requests().await.unwrap().is_empty(), "nothing was asked");
    }
}

#[tokio::test]
async fn a_private_host_is_called_when_the_configuration_names_it() {
    let inside = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&inside).await;
    let names = Arc::new(Rebinding(AtomicUsize::new(1)));
    let http = Http::assemble(&|_| None, names).unwrap();
    let url = format!("http://nas.lan:{}/hook", inside.address().port());
    let reply = http.send_guarded(request(&url), &allowing("nas.lan"), 0).await;
    assert_eq!(reply.unwrap().status, 204);
    let others = http.send_guarded(request(&url), &allowing("other.lan"), 0).await;
    assert!(matches!(others, Err(GuardedError::Blocked(_))), "{others:?}");
}

#[tokio::test]
async fn only_the_public_ones_of_many_addresses_are_dialled() {
    struct Mixed;
    impl Resolve for Mixed {
        fn resolve(&self, _: Name) -> Resolving {
            let addresses = ["10.0.0.1:0", "[::1]:0", "1.1.1.1:0", "[::ffff:10.0.0.1]:0"];
            let addresses: Vec<SocketAddr> =
                addresses.iter().map(|address| address.parse().unwrap()).collect();
            let addresses: Addrs = Box::new(addresses.into_iter());
            Box::pin(std::future::ready(Ok(addresses)))
        }
    }
    let left = PublicNames::new(Arc::new(Mixed)).resolve("a.example".parse().unwrap()).await;
    let left: Vec<_> = left.unwrap().map(|address| address.to_string()).collect();
    assert_eq!(left, ["1.1.1.1:0"]);
    let local = PublicNames::new(Arc::new(Names)).resolve("localhost".parse().unwrap()).await;
    assert!(local.err().unwrap().is::<NotPublic>());
}

#[tokio::test]
async fn a_content_type_among_the_headers_goes_first() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let http = Http::new().unwrap();
    http.call(request(&server.uri()), 0).await.unwrap();
    let mut own = request(&server.uri());
    own.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/x-own"));
    http.call(own, 0).await.unwrap();
    let seen = server.received_requests().await.unwrap();
    let types: Vec<Vec<_>> =
        seen.iter().map(|request| request.headers.get_all(CONTENT_TYPE).iter().collect()).collect();
    assert_eq!(types, [["text/plain"], ["text/x-own"]]);
}
