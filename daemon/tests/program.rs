//! The program `tidingsd` itself. What it does is tested from outside, by the workspace's black-box tests; that this
//! test is there makes `cargo test` build the program for them.

#![expect(clippy::unwrap_used, reason = "the helper fails the test that it is used in")]

use std::process::{Command, Output};

fn tidingsd(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidingsd")).args(arguments).output().unwrap()
}

#[test]
fn it_tells_its_version() {
    let output = tidingsd(&["--version"]);
    assert!(output.status.success(), "{output:?}");
    let expected = format!("tidingsd {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn what_it_does_not_know_is_refused_before_anything_happens() {
    let output = tidingsd(&["--databse", "inbox.db"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("--database"), "it says what was meant: {words}");
}
