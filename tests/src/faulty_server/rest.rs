//! The list and the marks.

use serde_json::{Value, json};

use super::{Shared, State, TOKEN, wire};
use crate::http::{Answer, Request};

/// Answers a request as the real server would, or as the faults have it.
pub(super) fn answer(request: &Request, shared: &Shared) -> Answer {
    let mut state = shared.lock();
    if state.faults.redirect_to_login || !authorized(request) {
        return login_page(request);
    }
    match (request.method.as_str(), request.path()) {
        ("GET", "/notifications/api/list/") => list(request, &mut state),
        ("POST", "/notifications/api/mark-read/") => mark(request, &mut state),
        (_, path) => Answer { status: 404, body: path.into(), ..Answer::default() },
    }
}

pub(super) fn authorized(request: &Request) -> bool {
    request.header("authorization").is_some_and(|value| {
        value.split_once(' ').is_some_and(|(scheme, token)| scheme == "Token" && token == TOKEN)
    })
}

/// `login_required` never says 401: it sends everybody to a page.
fn login_page(request: &Request) -> Answer {
    if request.path() == "/accounts/login/" {
        return Answer {
            status: 200,
            headers: vec![("Content-Type", "text/html; charset=utf-8".to_owned())],
            body: "<!doctype html><title>Log in</title>".into(),
        };
    }
    let location = format!("/accounts/login/?next={}", request.path());
    Answer { status: 302, headers: vec![("Location", location)], ..Answer::default() }
}

fn list(request: &Request, state: &mut State) -> Answer {
    let (left, retry_after) = state.faults.too_many;
    if left > 0 {
        state.faults.too_many.0 -= 1;
        let headers = vec![("Retry-After", retry_after.to_string())];
        return Answer { status: 429, headers, ..Answer::default() };
    }
    if state.faults.anonymous {
        return json_answer(200, &json!({"notifications": [], "unread_count": 0}));
    }
    let number = request.target.split_once("page=").map_or(1, |(_, rest)| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(1)
    });
    let page = state.rows.page(number);
    for _ in 0..state.faults.arrive_between_pages {
        let text = format!("arrived during the walk {}", state.rows.all().len());
        state.rows.insert(&text, std::time::Duration::ZERO);
    }
    json_answer(200, &page)
}

fn mark(request: &Request, state: &mut State) -> Answer {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let ids: Vec<i64> = body["ids"]
        .as_array()
        .map(|ids| ids.iter().filter_map(Value::as_i64).collect())
        .unwrap_or_default();
    state.record.marks.push(ids.clone());
    if ids.is_empty() {
        // The trap of this API: it means "all of them", rows included that nobody has seen.
        let text = String::from_utf8_lossy(&request.body).into_owned();
        state.record.violations.push(format!("mark without ids: {text}"));
        state.rows.mark_all();
    }
    if state.faults.mark_hits_nothing > 0 {
        state.faults.mark_hits_nothing -= 1;
        return json_answer(200, &json!({"status": "success"}));
    }
    state.rows.mark(&ids);
    if state.faults.mark_fails_after_success > 0 {
        state.faults.mark_fails_after_success -= 1;
        return Answer { status: 500, body: "Server Error (500)".into(), ..Answer::default() };
    }
    json_answer(200, &json!({"status": "success"}))
}

fn json_answer(status: u16, body: &Value) -> Answer {
    let headers = vec![("Content-Type", "application/json".to_owned())];
    Answer { status, headers, body: wire(body).into() }
}
