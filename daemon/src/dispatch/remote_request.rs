//! The request behind a button of a remote notification, sent for a person who has seen it.

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{HeaderMap, Method};
use tidings_api::{Error, RemoteAction};
use url::Url;

use crate::net::dial;
use crate::net::http::{Http, Meaning, Request};

const PLAIN: &str = "text/plain; charset=utf-8";
/// Methods that ask for something; the others are for machines among themselves.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// They belong to the connection, which is ours.
const OURS: [HeaderName; 4] = [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION];

/// The request; `None` where the action is none. The sender wrote it, so it may be anything.
pub(super) fn build(action: &RemoteAction) -> Result<Option<Request>, Error> {
    let RemoteAction::Request { method, url, headers, body } = action else { return Ok(None) };
    let wrong = |what: String| Error::Unavailable(format!("action: the sender's {what}"));
    let known = METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(method));
    let known = known.and_then(|known| Method::from_bytes(known.as_bytes()).ok());
    let method = known.ok_or_else(|| wrong(format!("method \"{method}\" is none that is sent")))?;
    let url = Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or_else(|| wrong("address is none of http or https".to_owned()))?;
    let headers = header_map(headers)
        .ok_or_else(|| wrong("headers hold what no header can carry".to_owned()))?;
    let body = (!body.is_empty()).then(|| (PLAIN, body.clone().into_bytes()));
    Ok(Some(Request { method, url, headers, body }))
}

/// Sends it. Everything but a success is an error that says what the server answered.
pub(super) async fn send(http: &Http, request: Request) -> Result<(), Error> {
    let place = dial::place(&request.url);
    // The time is for a wish to come later, which nobody waits for here.
    let reply =
        http.send(request, 0).await.map_err(|why| Error::Unavailable(format!("action: {why}")))?;
    if matches!(reply.meaning(None), Meaning::Content | Meaning::Html) {
        return Ok(());
    }
    Err(Error::Unavailable(format!("action: {place} answered {}", reply.status)))
}

fn header_map(headers: &[(String, String)]) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        if !OURS.contains(&name) {
            map.insert(name, HeaderValue::try_from(value.as_str()).ok()?);
        }
    }
    Some(map)
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::{body_string, header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    fn action(method: &str, url: &str, headers: &[(&str, &str)]) -> RemoteAction {
        let pairs = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        RemoteAction::Request {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: pairs.collect(),
            body: "now".to_owned(),
        }
    }

    #[tokio::test]
    async fn what_the_sender_wrote_is_sent_and_the_answer_counts() {
        let server = MockServer::start().await;
        let door = Mock::given(method("PUT")).and(path("/open")).and(header("x-key", "1"));
        let door = door.and(body_string("now")).respond_with(ResponseTemplate::new(204));
        door.expect(1).mount(&server).await;
        let http = Http::new().unwrap();
        let url = format!("{}/open", server.uri());
        let headers = [("X-Key", "1"), ("Host", "elsewhere.example"), ("Content-Length", "9")];
        let request = build(&action("put", &url, &headers)).unwrap().unwrap();
        send(&http, request).await.unwrap();
        let other = build(&action("POST", &server.uri(), &[])).unwrap().unwrap();
        let error = send(&http, other).await.unwrap_err().to_string();
        assert!(error.contains("answered 404"), "{error}");
    }

    #[test]
    fn what_is_no_request_for_a_web_server_is_never_sent() {
        let good = "https://example.org/";
        for (method, url, headers) in [
            ("CONNECT", good, ("A", "b")),
            ("GET\r\nX: y", good, ("A", "b")),
            ("GET", "file:///etc/passwd", ("A", "b")),
            ("GET", "javascript:alert(1)", ("A", "b")),
            ("GET", "", ("A", "b")),
            ("GET", good, ("A\r\nB", "b")),
            ("GET", good, ("A", "b\r\nC: d")),
        ] {
            let built = build(&action(method, url, &[headers]));
            assert!(built.is_err(), "{method} {url} {headers:?}");
        }
        let copy = RemoteAction::Copy { value: "1".to_owned() };
        assert!(build(&copy).is_ok_and(|request| request.is_none()));
    }
}
