use super::*;
use crate::sources::json::PRESETS;
use crate::sources::json::preset::known_keys;
use crate::sources::registry;

fn settings(text: &str) -> toml::Table {
    text.parse().unwrap()
}

#[test]
fn every_preset_needs_nothing_but_an_address() {
    for (name, _) in PRESETS {
        let table = settings(&format!("preset = \"{name}\"\nurl = \"https://h.example\""));
        assert_eq!(registry::check("json", &table), [], "{name}");
    }
}

#[test]
fn no_preset_reads_an_address_that_marks() {
    for (name, text) in PRESETS {
        let table: toml::Table = text.parse().unwrap();
        let list = table["list"].to_string();
        assert!(!list.contains("mark_as_read") && !list.contains("pendientes"), "{name}: {list}");
    }
}

#[test]
fn user_overrides_single_keys_and_keeps_the_others() {
    let table = settings(
        "preset = \"django-channels\"\nurl = \"https://h.example\"\nauth.scheme = \"Bearer\"\nitem.title = \"$.asunto\"",
    );
    let spec = Profile::new(&table).unwrap().spec;
    assert_eq!(spec.auth.scheme, "Bearer");
    assert_eq!(spec.auth.mode, AuthMode::Header, "the preset's other keys of the table stay");
    assert_eq!(spec.item.id.0, ["$.id"]);
    assert_eq!(spec.websocket.url, "/ws/notificaciones/");
}

#[test]
fn each_wrong_key_is_told_at_its_place() {
    let table = settings(
        "preset = \"django-channels\"\nurl = \"https://h.example\"\nlist.pageing = \"page\"\nlist.paging = \"pages\"\nsync.debounce = \"soon\"\nwebsockets = 1\nmark.read.methd = \"GET\"\nitem.id = 3",
    );
    let problems = registry::check("json", &table);
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    let expected = [
        "item.id",
        "list.pageing",
        "list.paging",
        "mark.read.methd",
        "sync.debounce",
        "websockets",
    ];
    assert_eq!(keys, expected);
    assert!(problems[1].known.contains(&"paging"), "for a suggestion: {:?}", problems[1]);
    assert!(problems[5].known.contains(&"websocket"), "{:?}", problems[5]);
    assert!(
        problems[2].message.contains("next"),
        "right values are named: {}",
        problems[2].message
    );
    assert!(problems[4].message.contains("300ms"), "an example is given: {}", problems[4].message);
}

#[test]
fn wrong_values_are_refused_in_words() {
    for (text, key) in [
        ("", "url"),
        ("url = \"shop.example\"", "url"),
        ("url = \"ftp://shop.example\"", "url"),
        ("url = \"https://user:pw@shop.example\"", "url"),
        ("url = \"https://h.example\"", "list.url"),
        ("url = \"https://h.example\"\npreset = \"djang\"", "preset"),
        ("url = \"https://h.example\"\nlist.url = \"/\"\ntimezone = \"Mars\"", "timezone"),
        ("url = \"https://h.example\"\nlist.url = \"/\"\nitem.id = \"$[\"", "item.id"),
        ("url = \"https://h.example\"\nlist.url = \"/\"\nitem.title = \"{{ a\"", "item.title"),
        (
            "url = \"https://h.example\"\nlist.url = \"/\"\nmark.read = { url = \"/m/\", method = \"DELETE\", body = \"{{ids}}\" }",
            "mark.read.method",
        ),
        (
            "url = \"https://h.example\"\nlist.url = \"/\"\nmark.read.url = \"/mark-all/\"",
            "mark.read.body",
        ),
        (
            "url = \"https://h.example\"\nlist.url = \"/\"\nmark.read.url = \"/{{ id }}/\"",
            "mark.read.one_by_one",
        ),
        (
            "url = \"https://h.example\"\nlist.url = \"/\"\nmark.read = { url = \"{{ 'https://evil.example/' }}{{ id }}\", one_by_one = true }",
            "mark.read.url",
        ),
        (
            "url = \"https://h.example\"\nlist.url = \"/\"\nmark.read = { url = \"/{{ '/evil.example/' }}{{ id }}\", one_by_one = true }",
            "mark.read.url",
        ),
    ] {
        let problems = registry::check("json", &settings(text));
        assert_eq!(
            problems.first().map(|problem| problem.key.as_str()),
            Some(key),
            "{text}: {problems:?}"
        );
    }
    assert_eq!(registry::check("jsn", &settings(""))[0].known, registry::names());
}

#[test]
fn credentials_travel_in_the_clear_only_to_this_machine_or_where_allowed() {
    let check = |url: &str, extra: &str, security: &Security| {
        let text = format!("preset = \"django-channels\"\nurl = \"{url}\"\n{extra}");
        Profile::new(&settings(&text)).unwrap().check_transport(security)
    };
    let strict = Security::default();
    for url in ["https://h.example", "http://127.0.0.1:8000", "http://localhost", "http://[::1]:1"]
    {
        assert_eq!(check(url, "", &strict), Ok(()), "{url}");
    }
    let refused = check("http://h.example", "", &strict).unwrap_err();
    assert!(refused.contains("allow_insecure_hosts"), "the way out is named: {refused}");
    assert!(check("http://127.0.0.1.example", "", &strict).is_err(), "a name is not an address");
    let elsewhere = "websocket.url = \"ws://h.example/ws/\"";
    assert!(check("https://h.example", elsewhere, &strict).is_err(), "every address counts");
    let allowing =
        Security { allow_insecure_hosts: vec!["h.example".to_owned()], ..Security::default() };
    assert_eq!(check("http://h.example", "", &allowing), Ok(()));
    assert_eq!(
        check("http://h.example", "auth.mode = \"none\"", &strict),
        Ok(()),
        "nothing to steal"
    );
}

#[test]
fn reference_names_every_key() {
    let page = include_str!("../../../../../docs/sources-json.md");
    for place in
        ["", "auth", "websocket", "frame", "list", "item", "mark", "mark.read", "identity", "sync"]
    {
        for key in known_keys(place).unwrap() {
            assert!(
                page.contains(&format!("`{key}`")),
                "docs/sources-json.md does not explain {place}.{key}"
            );
        }
    }
    for (name, _) in PRESETS {
        assert!(page.contains(name), "docs/sources-json.md does not mention the preset {name}");
    }
}

#[test]
fn mark_request_that_does_not_carry_its_ids_is_refused() {
    for body in [
        "{\"ids\": {{ idz | tojson }}}",
        "{\"ids\": [{{ item.id }}]}",
        "{\"ids\": [{{ ids.x.id }}]}",
        "{\"ids\": [], \"side\": \"{{ 1 }}\"}",
        "{\"ids\": [{% for x in id_list %}{{ x }}{% endfor %}]}",
    ] {
        let mut table = settings("preset = \"django-channels\"\nurl = \"https://h.example\"");
        let read = toml::Table::from_iter([("body".to_owned(), toml::Value::from(body))]);
        let mark = toml::Table::from_iter([("read".to_owned(), toml::Value::Table(read))]);
        table.insert("mark".to_owned(), mark.into());
        let problems = registry::check("json", &table);
        let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, ["mark.read.body"], "it would mark everything: {body}");
    }
}

#[test]
fn what_may_be_a_secret_is_not_repeated() {
    for text in [
        "url = \"https://ana:hunter2@exa mple\"",
        "url = \"https://h.example\"\nwebsocket.url = \"wss://ana:hunter2@exa mple/\"",
        "url = \"https://h.example\"\nlist.url = \"/\"\nauth = \"Token hunter2\"",
        "url = \"https://h.example\"\nlist.url = \"/\"\nauth = \"a, expected hunter2\"",
    ] {
        let problems = registry::check("json", &settings(text));
        assert!(!problems.is_empty(), "{text} is wrong");
        assert!(!format!("{problems:?}").contains("hunter2"), "{problems:?}");
    }
}
