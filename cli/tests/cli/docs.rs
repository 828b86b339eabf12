use crate::bus::Bus;
use crate::list::NOTIFICATION_KEYS;
use crate::program::run;

const PAGE: &str = include_str!("../../../docs/cli.md");

/// What the help of a command lists: first words of the indented lines of a section.
fn words_of(help: &str, prefix: &str) -> Vec<String> {
    let word = |line: &str| {
        let word = line.split([' ', ',', '=', '[', ']']).find(|word| word.starts_with(prefix))?;
        Some(word.to_owned())
    };
    help.lines()
        .filter(|line| line.starts_with("  "))
        .filter_map(|line| word(line.trim()))
        .collect()
}

#[tokio::test]
async fn the_page_tells_every_command_and_every_option() {
    let bus = Bus::start();
    let help = run(&bus, &["-h"]).await.stdout;
    let section = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let commands: Vec<&str> =
        section.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 20, "{commands:?}");
    let options_of_post = words_of(&run(&bus, &["post", "-h"]).await.stdout, "--");
    assert!(options_of_post.len() > 20, "the help is read wrongly: {options_of_post:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        assert!(PAGE.contains(&format!("tidings {command}")), "{command} is not on the page");
        for option in words_of(&run(&bus, &[command, "-h"]).await.stdout, "--") {
            let told = PAGE.contains(&format!("`{option}")) || option == "--help";
            assert!(told, "{command} {option} is not on the page");
        }
    }
}

#[test]
fn the_page_tells_every_field_of_a_notification() {
    for key in NOTIFICATION_KEYS {
        assert!(PAGE.contains(&format!("| `{key}`")), "{key} is not on the page");
    }
}
