mod http2;

use super::*;

fn reply(status: u16, location: Option<&str>, content_type: &str, body: &str) -> Reply {
    Reply {
        status,
        location: location.map(str::to_owned),
        content_type: content_type.to_owned(),
        body: body.as_bytes().to_vec(),
        ..Reply::default()
    }
}

#[test]
fn answers_are_classed_by_what_to_do() {
    let cases = [
        (reply(200, None, "application/json", "{}"), Meaning::Content),
        (reply(200, None, "text/html", "<form>"), Meaning::Html),
        (reply(302, Some("/accounts/login/?next=/x"), "", ""), Meaning::LoginPage),
        (reply(302, Some("https://h.example/accounts/login/"), "", ""), Meaning::LoginPage),
        (reply(302, Some("/entrar/?next=/x"), "", ""), Meaning::LoginPage),
        (reply(301, Some("/list/"), "", ""), Meaning::Redirect),
        (reply(302, Some("/catalogin/"), "", ""), Meaning::Redirect),
        (reply(401, None, "", ""), Meaning::Unauthorized),
        (reply(403, None, "text/html", "CSRF verification failed"), Meaning::ForbiddenCsrf),
        (reply(403, None, "", ""), Meaning::Forbidden),
        (reply(429, None, "", ""), Meaning::Busy),
        (reply(503, None, "", ""), Meaning::Busy),
        (reply(500, None, "", ""), Meaning::ServerFault),
        (reply(404, None, "", ""), Meaning::Unexpected),
    ];
    for (reply, expected) in cases {
        assert_eq!(
            reply.meaning(Some("/entrar/")),
            expected,
            "{} {:?}",
            reply.status,
            reply.location
        );
    }
}

#[test]
fn retry_after_is_read_in_seconds_and_as_a_date() {
    let now =
        DateTime::parse_from_rfc2822("Wed, 21 Oct 2026 07:28:00 GMT").unwrap().timestamp_millis();
    assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
    assert_eq!(retry_after("Wed, 21 Oct 2026 07:29:00 GMT", now), Some(Duration::from_secs(60)));
    assert_eq!(
        retry_after("Wed, 21 Oct 2020 07:29:00 GMT", now),
        Some(Duration::ZERO),
        "past = now"
    );
    assert_eq!(retry_after("soon", now), None);
}

#[tokio::test]
async fn redirect_is_not_followed_and_errors_hide_the_url() {
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::path("/list/"))
        .respond_with(
            wiremock::ResponseTemplate::new(302).insert_header("Location", "/accounts/login/"),
        )
        .mount(&server)
        .await;
    let http = Http::new().unwrap();
    let request = |url: &str| Request {
        method: Method::GET,
        url: Url::parse(url).unwrap(),
        headers: HeaderMap::new(),
        body: None,
    };
    let reply = http.send(request(&format!("{}/list/", server.uri())), 0).await.unwrap();
    assert_eq!(reply.meaning(None), Meaning::LoginPage, "followed, it would be a 200 of HTML");
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let why =
        http.send(request(&format!("http://127.0.0.1:{port}/?token=SECRET")), 0).await.unwrap_err();
    assert!(!why.contains("SECRET") && why.contains("127.0.0.1"), "{why}");
}

#[tokio::test]
async fn proxy_sees_neither_plain_requests_nor_those_to_this_machine() {
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::any())
        .respond_with(wiremock::ResponseTemplate::new(204))
        .mount(&server)
        .await;
    let proxy = wiremock::MockServer::start().await;
    let variable = |name: &str| name.to_lowercase().ends_with("proxy").then(|| proxy.uri());
    let http = Http::assemble(&variable, Arc::new(Names)).unwrap();
    let request = |url: String| Request {
        method: Method::GET,
        url: Url::parse(&url).unwrap(),
        headers: HeaderMap::new(),
        body: None,
    };
    let reply = http.send(request(format!("{}/list/", server.uri())), 0).await.unwrap();
    assert_eq!(reply.status, 204, "the answer comes from the server itself");
    let local = server.uri().replace("http:", "https:");
    assert!(http.send(request(local), 0).await.is_err(), "the server speaks no TLS");
    let tunnelled = http.send(request("https://h.invalid/list/".to_owned()), 0).await;
    assert!(tunnelled.is_err(), "the proxy opens no tunnel");
    let seen = proxy.received_requests().await.unwrap();
    assert!(seen.iter().all(|asked| asked.method.as_str() == "CONNECT"), "{seen:?}");
}
