//! A program of the user's: the message on its standard input, and what came of it as its exit status.
//!
//! What others have written reaches it on standard input and in five variables, never in its arguments: those are read by
//! shells, shown by `ps`, and taken for options.

mod run;
#[cfg(test)]
mod tests;
mod verdict;

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tokio::process::Command;

use crate::config::{KeyProblem, TargetConfig};
use crate::process::OURS_ALONE;
use crate::targets::registry::Deps;
use crate::targets::settings::{Settings, words};
use crate::targets::{Kind, Message, Outcome, Sending, Target};

/// The kind `command`.
pub const KIND: Kind = Kind {
    name: "command",
    title: "Program",
    description: "Runs a program of yours for each message.",
    secret: "",
    address: None,
    fields: Vec::new,
    check: |settings, _| check(settings),
    build,
    concurrency: 1,
    repeatable: false,
    retry_after: Duration::from_secs(60),
    confirm_after: None,
    only_in_the_file: true,
};

const TIMEOUT: Duration = Duration::from_secs(30);
/// A message that waits longer than this for one program holds everything behind it up.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(80);
const FORMATS: [&str; 2] = ["text", "json"];

#[derive(Clone, Debug)]
struct Spec {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
    json: bool,
}

fn check(table: &toml::Table) -> Vec<KeyProblem> {
    read(table).err().unwrap_or_default()
}

fn build(config: &TargetConfig, _: &Deps) -> Result<Box<dyn Target>, String> {
    read(&config.settings)
        .map(|spec| Box::new(spec) as Box<dyn Target>)
        .map_err(|problems| words(&problems))
}

fn read(table: &toml::Table) -> Result<Spec, Vec<KeyProblem>> {
    let mut settings = Settings::new(KIND.name, table);
    let (program, arguments) = read_run(&mut settings, table);
    let timeout = settings.duration("timeout", TIMEOUT);
    if timeout > LONGEST_TIMEOUT {
        let most = LONGEST_TIMEOUT.as_secs();
        settings.problem("timeout", format!("`timeout` is at most \"{most}s\""));
    }
    let json = settings.choice("format", &FORMATS) == "json";
    settings.finish()?;
    Ok(Spec { program, arguments, timeout, json })
}

fn read_run(settings: &mut Settings<'_>, table: &toml::Table) -> (String, Vec<String>) {
    const KEY: &str = "run";
    const EXAMPLE: &str = "[\"/usr/local/bin/page\", \"--now\"]";
    // Checks that they are texts; the words are taken as they stand, since an argument may be empty.
    let known = settings.list(KEY);
    let Some(written) = table.get(KEY).and_then(toml::Value::as_array) else {
        let message =
            if known.is_empty() { "is missing" } else { "is a list, for no shell takes it apart" };
        settings.problem(KEY, format!("`run` {message}; write for example run = {EXAMPLE}"));
        return Default::default();
    };
    let mut words = written.iter().filter_map(toml::Value::as_str).map(str::to_owned);
    let program = words.next().unwrap_or_default();
    let arguments: Vec<String> = words.collect();
    if program.is_empty() {
        settings.problem(KEY, format!("`run` names no program; write for example run = {EXAMPLE}"));
    } else if program.contains('/') && !Path::new(&program).is_absolute() {
        settings.problem(
            KEY,
            "`run` names its program by a whole path from / on, or by a name that is found in PATH",
        );
    }
    if arguments.iter().chain([&program]).any(|word| word.contains('\0')) {
        settings.problem(KEY, "`run` has a NUL character in it");
    }
    (program, arguments)
}

impl Target for Spec {
    fn deliver<'a>(&'a self, message: &'a Message) -> Sending<'a, Outcome> {
        Box::pin(async move {
            let input = if self.json { as_json(message) } else { as_text(message) };
            let end = run::run(self.command(message), input.as_bytes(), self.timeout).await;
            verdict::outcome(&self.program, end, message)
        })
    }
}

impl Spec {
    fn command(&self, message: &Message) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        for variable in OURS_ALONE {
            command.env_remove(variable);
        }
        let clean = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        command
            .env("TIDINGS_ID", message.notification.to_string())
            .env("TIDINGS_SOURCE", clean(&message.source))
            .env("TIDINGS_TOPIC", clean(&message.topic))
            .env("TIDINGS_URGENCY", message.urgency.as_str())
            .env("TIDINGS_IDENTITY", clean(&message.identity));
        command
    }
}

/// Title, body and link, with an empty line between them.
fn as_text(message: &Message) -> String {
    let parts = [&message.title, &message.body, &message.url];
    let parts: Vec<&str> =
        parts.into_iter().map(|part| part.trim_end()).filter(|part| !part.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

/// One object on one line.
fn as_json(message: &Message) -> String {
    let object = json!({
        "id": message.notification,
        "identity": message.identity,
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "urgency": message.urgency.as_str(),
        "source": message.source,
        "topic": message.topic,
        "key": message.key,
        "tags": message.tags,
        "actor": message.actor,
        "count": message.count,
        "at": message.at,
        "expires_at": message.expires_at,
    });
    format!("{object}\n")
}
