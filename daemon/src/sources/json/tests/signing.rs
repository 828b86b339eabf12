use super::*;

const CHANNELS: &str = "preset = \"django-channels\"";
const COOKIE: &str =
    "preset = \"django-channels\"\nauth = { mode = \"cookie\", username = \"maria\" }";
const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

async fn exit_for(list: Option<&'static str>, handshake: Option<&'static str>) -> (Exit, Server) {
    let server = Server::start().await;
    server.insert("there");
    server.state().list_answer = list;
    server.state().handshake_answer = handshake;
    let scene = Scene::start(server.clone(), CHANNELS).await;
    (scene.exit().await, server)
}

#[tokio::test]
async fn closed_doors_are_told_apart() {
    let login = "HTTP/1.1 302 Found\r\nLocation: /accounts/login/\r\nContent-Length: 0\r\n\r\n";
    let (exit, server) = exit_for(Some(login), None).await;
    assert!(matches!(exit, Exit::NeedsLogin { .. }), "{exit:?}");
    assert_eq!(server.count("GET /accounts/login/"), 0, "redirects are not followed");
    let unauthorized = "HTTP/1.1 401 No\r\nWWW-Authenticate: Token\r\nContent-Length: 0\r\n\r\n";
    let (exit, _) = exit_for(Some(unauthorized), None).await;
    assert!(matches!(exit, Exit::NeedsLogin { .. }), "{exit:?}");
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    let (exit, _) = exit_for(Some(page), None).await;
    assert!(matches!(exit, Exit::Rejected { .. }), "a page for people is no list: {exit:?}");
    let other = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    let (exit, _) = exit_for(Some(other), None).await;
    assert!(matches!(exit, Exit::Rejected { .. }), "no list is not an empty list: {exit:?}");
}

#[tokio::test]
async fn forbidden_handshake_is_told_from_missing_credentials_by_the_list() {
    let (exit, server) = exit_for(None, Some(FORBIDDEN)).await;
    assert!(
        matches!(&exit, Exit::Rejected { why } if why.contains("403") && why.contains("origin")),
        "{exit:?}"
    );
    assert_eq!(server.count("GET /ws/"), 2, "one more try after the list, and no more");
    let (exit, _) = exit_for(Some(FORBIDDEN), Some(FORBIDDEN)).await;
    assert!(matches!(exit, Exit::NeedsLogin { .. }), "{exit:?}");
}

#[tokio::test]
async fn refused_websocket_still_brings_what_the_list_has() {
    let server = Server::start().await;
    server.insert("there");
    server.state().handshake_answer = Some("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let scene = Scene::start(server, CHANNELS).await;
    scene.rows(|rows| confirmed(rows, 1)).await;
    assert!(matches!(scene.exit().await, Exit::Rejected { .. }));
}

#[tokio::test]
async fn password_signs_in_for_cookie_and_csrf_and_signs_in_again_when_the_session_ends() {
    let server = Server::start().await;
    server.insert("one");
    server.state().session = Some(1);
    let scene = Scene::online(server, COOKIE).await;
    let rows = scene.rows(|rows| confirmed(rows, 1)).await;
    scene.mark_read(&rows[0]).await;
    scene.marks_are_gone().await;
    assert!(scene.server.state().rows[0].2, "the rotated CSRF token was sent");
    scene.server.state().session = Some(2);
    scene.server.insert("after the session ended");
    scene.rows(|rows| confirmed(rows, 2)).await;
    assert_eq!(scene.server.count("POST /accounts/login/"), 2, "one login a session");
}

#[tokio::test]
async fn wrong_password_needs_the_user_after_one_attempt() {
    let server = Server::start().await;
    server.state().session = Some(1);
    let scene = Scene::start_with(server.clone(), COOKIE, "wrong").await;
    let exit = scene.exit().await;
    assert!(matches!(&exit, Exit::NeedsLogin { why } if why.contains("maria")), "{exit:?}");
    assert_eq!(server.count("POST /accounts/login/"), 1, "an account is not locked by trying");
}

#[tokio::test]
async fn empty_list_of_a_stranger_reads_nothing() {
    let settings =
        "preset = \"django-channels\"\nlist.absent_means_read = true\nidentity.url = \"/whoami/\"";
    let server = Server::start().await;
    server.insert("unread");
    let scene = Scene::online(server, settings).await;
    let rows = scene.rows(|rows| confirmed(rows, 1)).await;
    let login = "HTTP/1.1 302 Found\r\nLocation: /accounts/login/\r\nContent-Length: 0\r\n\r\n";
    let empty = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{\"notifications\": []}";
    {
        let mut state = scene.server.state();
        state.identity_answer = Some(login);
        state.list_answer = Some(empty);
    }
    let store = scene.store.clone();
    assert!(matches!(scene.exit().await, Exit::NeedsLogin { .. }), "an empty inbox proves nothing");
    let id = crate::model::NotificationId(rows[0].id);
    assert!(!store.get(vec![id]).await.unwrap()[0].read, "an expired login reads nothing");
}

#[tokio::test]
async fn row_gone_from_the_unread_list_is_read_once_the_server_knows_us() {
    let settings =
        "preset = \"django-channels\"\nlist.absent_means_read = true\nidentity.url = \"/whoami/\"";
    let server = Server::start().await;
    server.insert("one");
    let scene = Scene::online(server, settings).await;
    scene.rows(|rows| confirmed(rows, 1)).await;
    scene.server.state().rows.clear();
    scene.rows(|rows| rows[0].read).await;
    assert!(scene.server.count("GET /whoami/") > 0, "asked before it was believed");
}

#[tokio::test]
async fn test_of_a_source_tells_step_by_step() {
    let server = Server::start().await;
    server.insert("one");
    let table = format!("preset = \"django-channels\"\nurl = \"{}\"", server.url());
    let deps = Deps {
        http: Http::new().unwrap(),
        secrets: Arc::new(Known(SECRET)),
        security: Security::default(),
        images: Images::new("/no/images".into()),
    };
    let source = JsonSource::new(&config(table.parse().unwrap()), &deps).unwrap();
    let report = source.test().await;
    assert!(report.ok, "{report:?}");
    assert_eq!(report.steps.len(), 3, "sign-in, list, websocket: {report:?}");
    server.state().handshake_answer = Some(FORBIDDEN);
    let report = source.test().await;
    assert!(!report.ok && report.steps[2].contains("403"), "{report:?}");
    assert!(!format!("{source:?} {report:?}").contains(SECRET));
}
