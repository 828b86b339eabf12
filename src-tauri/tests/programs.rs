//! The programs `tidings-app` and `tidings-window` themselves. What they do is tested from outside, by the workspace's
//! black-box tests; that this test is there makes `cargo test` build the programs for them.

#![expect(clippy::unwrap_used, reason = "the helpers fail the test that they are used in")]

use std::process::{Command, Output};

const PROGRAMS: [(&str, &str); 2] = [
    ("tidings-app", env!("CARGO_BIN_EXE_tidings-app")),
    ("tidings-window", env!("CARGO_BIN_EXE_tidings-window")),
];

/// Without a screen and without a bus: neither is needed to answer.
fn run(program: &str, argument: &str) -> Output {
    Command::new(program)
        .arg(argument)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .output()
        .unwrap()
}

#[test]
fn they_tell_their_version() {
    for (name, program) in PROGRAMS {
        let output = run(program, "--version");
        assert!(output.status.success(), "{output:?}");
        let expected = format!("{name} {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}

#[test]
fn what_they_do_not_know_is_refused_before_anything_happens() {
    for (name, program) in PROGRAMS {
        let output = run(program, "--plaec=settings");
        assert_eq!(output.status.code(), Some(2), "{name}: {output:?}");
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains("--place"), "{name} says what was meant: {words}");
    }
}
