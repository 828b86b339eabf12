//! The page, the permissions and the program know the same commands.

use std::collections::BTreeSet;

use super::list::COMMANDS;

/// The names that the page's door to the daemon calls.
fn called_by_the_page() -> BTreeSet<String> {
    let door = include_str!("../../../../ui/src/lib/tauri.ts");
    door.split("invoke(\"")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('"')?.0.into()))
        .collect()
}

/// The names that have a permission.
fn permitted() -> BTreeSet<String> {
    let capability = include_str!("../../../capabilities/window.json");
    let capability: serde_json::Value = serde_json::from_str(capability).unwrap();
    let permissions = capability["permissions"].as_array().unwrap();
    permissions
        .iter()
        .filter_map(|permission| permission.as_str()?.strip_prefix("allow-"))
        .map(|name| name.replace('-', "_"))
        .collect()
}

#[test]
fn every_call_of_the_page_is_a_command() {
    let commands = COMMANDS.map(str::to_owned).into();
    let unknown: Vec<String> = called_by_the_page().difference(&commands).cloned().collect();
    assert!(unknown.is_empty(), "the page calls what does not exist: {unknown:?}");
}

#[test]
fn every_command_has_its_permission_and_nothing_else_has_one() {
    assert_eq!(permitted(), COMMANDS.map(str::to_owned).into());
}
