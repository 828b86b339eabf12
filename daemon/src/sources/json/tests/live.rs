use super::*;

const CHANNELS: &str = "preset = \"django-channels\"";
const DAY: i64 = 24 * 60 * 60 * 1_000;

#[tokio::test]
async fn frame_is_stored_at_once_and_confirmed_by_the_list() {
    let scene = Scene::online(Server::start().await, CHANNELS).await;
    scene.server.frame(r#"{"message":"early"}"#);
    let rows = scene.rows(|rows| rows.len() == 1).await;
    assert_eq!(rows[0].remote_id, None, "stored before the server's own commit");
    scene.server.insert("early");
    let rows = scene.rows(|rows| confirmed(rows, 1)).await;
    assert_eq!((rows[0].body.as_str(), rows[0].remote_id.as_deref()), ("early", Some("1")));
    assert_eq!(scene.cancelled().await, Exit::Cancelled);
}

#[tokio::test]
async fn lost_frames_and_long_absence_lose_no_row() {
    let server = Server::start().await;
    for n in 0..70 {
        server.insert(&format!("before {n}"));
    }
    let scene = Scene::online(server, CHANNELS).await;
    scene.rows(|rows| confirmed(rows, 70)).await;
    for n in 0..50 {
        scene.server.insert(&format!("lost {n}"));
    }
    scene.server.notify("heard");
    let rows = scene.rows(|rows| confirmed(rows, 121)).await;
    let mut ids: Vec<_> = rows.iter().filter_map(|row| row.remote_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 121, "each row once");
}

#[tokio::test]
async fn many_frames_at_once_are_all_there() {
    let scene = Scene::online(Server::start().await, CHANNELS).await;
    // More than are taken in one step.
    for n in 0..400 {
        scene.server.frame(&format!(r#"{{"message":"burst {n}"}}"#));
    }
    scene.server.frame(r#"{"message":"last"}"#);
    let rows = scene.rows(|rows| rows.iter().any(|row| row.body == "last")).await;
    assert_eq!(rows.len(), 401, "none falls between two steps");
}

#[tokio::test]
async fn frame_that_comes_after_its_row_is_no_second_notification() {
    let scene = Scene::online(Server::start().await, CHANNELS).await;
    scene.server.insert("late frame");
    scene.rows(|rows| confirmed(rows, 1)).await;
    scene.server.frame(r#"{"message":"late frame"}"#);
    scene.server.notify("next");
    let rows = scene.rows(|rows| rows.iter().any(|row| row.body == "next")).await;
    assert_eq!(rows.len(), 2, "the late frame announced a row that was there: {rows:#?}");
}

#[tokio::test]
async fn odd_frames_end_nothing() {
    let scene = Scene::online(Server::start().await, CHANNELS).await;
    for odd in ["null", "{\"message\":", "[]", "{\"message\":\"\\ud83c\"}", ""] {
        scene.server.frame(odd);
    }
    scene.server.notify("after all");
    scene.rows(|rows| confirmed(rows, 1)).await;
    assert_eq!(scene.server.count("GET /ws/"), 1, "the connection lives on");
}

#[tokio::test]
async fn reset_database_starts_a_new_epoch() {
    let server = Server::start().await;
    for text in ["a", "b", "c"] {
        server.insert(text);
    }
    let scene = Scene::online(server, CHANNELS).await;
    scene.rows(|rows| confirmed(rows, 3)).await;
    scene.server.state().rows.clear();
    scene.server.notify("new a");
    let rows = scene.rows(|rows| confirmed(rows, 4)).await;
    assert_eq!(rows.iter().filter(|row| row.remote_id.as_deref() == Some("1")).count(), 2);
}

#[tokio::test]
async fn marks_carry_explicit_ids_and_the_list_has_the_last_word() {
    let server = Server::start().await;
    server.insert("one");
    server.insert("two");
    let scene = Scene::online(server, CHANNELS).await;
    let rows = scene.rows(|rows| confirmed(rows, 2)).await;
    scene.server.state().mark_fails = true;
    scene.mark_read(&rows[1]).await;
    scene.marks_are_gone().await;
    let state = scene.server.state();
    assert_eq!(
        state.marks,
        [serde_json::json!({"ids": [1]})],
        "500 after success is not sent again"
    );
    assert_eq!(state.rows.iter().map(|row| row.2).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test]
async fn row_read_elsewhere_turns_read_here() {
    let server = Server::start().await;
    server.insert("one");
    let scene = Scene::online(server, CHANNELS).await;
    scene.rows(|rows| confirmed(rows, 1)).await;
    scene.server.state().rows[0].2 = true;
    scene.rows(|rows| rows[0].read).await;
    assert!(scene.server.state().marks.is_empty(), "what was read there is not sent back");
}

#[tokio::test]
async fn closed_connection_is_a_passing_fault_with_words() {
    let scene = Scene::online(Server::start().await, CHANNELS).await;
    scene.server.frame("close");
    let exit = scene.exit().await;
    assert!(matches!(&exit, Exit::Transient { why, .. } if why.contains("closed")), "{exit:?}");
}

#[tokio::test]
async fn list_that_fails_for_a_moment_does_not_cost_the_connection() {
    let scene = Scene::online(Server::start().await, CHANNELS).await;
    scene.server.state().list_answer = Some("HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n");
    scene.server.notify("while the list is down");
    scene.rows(|rows| rows.len() == 1).await;
    scene.server.state().list_answer = None;
    scene.rows(|rows| confirmed(rows, 1)).await;
    assert_eq!(scene.server.count("GET /ws/"), 1);
}

#[tokio::test]
async fn row_read_elsewhere_far_down_the_list_turns_read_here() {
    let server = Server::start().await;
    for n in 0..70 {
        server.insert(&format!("row {n}"));
    }
    let scene = Scene::online(server, CHANNELS).await;
    scene.rows(|rows| confirmed(rows, 70)).await;
    scene.server.state().rows[3].2 = true;
    scene.rows(|rows| rows.iter().any(|row| row.read && row.body == "row 3")).await;
}

#[tokio::test]
async fn mark_request_that_the_server_does_not_know_costs_no_notification() {
    let server = Server::start().await;
    server.insert("one");
    server.state().mark_answer = Some("HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n");
    let scene = Scene::online(server, CHANNELS).await;
    let rows = scene.rows(|rows| confirmed(rows, 1)).await;
    scene.mark_read(&rows[0]).await;
    scene.health_says("405").await;
    scene.server.notify("two");
    let rows = scene.rows(|rows| confirmed(rows, 2)).await;
    assert!(rows[1].read, "read here all the same");
    assert_eq!(scene.server.count("GET /ws/"), 1);
}

#[tokio::test]
async fn history_that_was_left_behind_never_comes_as_news() {
    let server = Server::start().await;
    for n in 0..70 {
        server.insert_at(&format!("long ago {n}"), 60 * DAY);
    }
    for n in 0..3 {
        server.insert_at(&format!("this week {n}"), DAY);
    }
    let scene = Scene::online(server, &format!("{CHANNELS}\nitem.sent = \"$.fecha\"")).await;
    scene.rows(|rows| confirmed(rows, 3)).await;
    scene.server.insert_at("news", 0);
    scene.rows(|rows| rows.iter().any(|row| row.body == "news")).await;
    scene.server.insert_at("more news", 0);
    let rows = scene.rows(|rows| rows.iter().any(|row| row.body == "more news")).await;
    assert_eq!(rows.len(), 5, "two months of history are no news: {rows:#?}");
    let further = scene.server.count("GET /notifications/api/list/?page=3");
    assert_eq!(further, 0, "a walk ends where history begins");
}
