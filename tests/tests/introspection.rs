//! `api/interfaces/*.xml` says what the daemon serves, neither more nor less.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use tidings_api::names;
use tidings_tests::programs::workspace;
use tidings_tests::session::Session;
use zbus::fdo::IntrospectableProxy;
use zbus_xml::{Annotation, Arg, ArgDirection, Interface, Node};

#[tokio::test]
async fn every_interface_is_served_as_its_file_says() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let object = IntrospectableProxy::builder(daemon.connection())
        .destination(names::BUS_NAME)?
        .path(names::OBJECT_PATH)?
        .build()
        .await?;
    let live = object.introspect().await?;
    let live = Node::from_reader(live.as_bytes())?;
    let served: BTreeSet<String> = live
        .interfaces()
        .iter()
        .map(|interface| interface.name().to_string())
        .filter(|name| name.starts_with(names::APPLICATION_ID))
        .collect();
    let known: BTreeSet<String> = names::INTERFACES.map(str::to_owned).into();
    assert_eq!(served, known, "the daemon serves the interfaces of the contract");

    for name in names::INTERFACES {
        let file = workspace().join(format!("api/interfaces/{name}.xml"));
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let described = Node::from_reader(text.as_bytes())?;
        let [described] = described.interfaces() else {
            anyhow::bail!("{}: one interface a file", file.display());
        };
        assert_eq!(described.name().as_str(), name, "{}: named after it", file.display());
        let running = live.interfaces().iter().find(|interface| interface.name() == name);
        let running = running.context("checked above")?;
        let (described, running) = (members(described), members(running));
        let missing: Vec<_> = described.difference(&running).collect();
        let extra: Vec<_> = running.difference(&described).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{name}: only in the file: {missing:#?}; only in the daemon: {extra:#?}"
        );
    }
    Ok(())
}

#[test]
fn every_file_belongs_to_an_interface() -> Result<()> {
    for entry in std::fs::read_dir(workspace().join("api/interfaces"))? {
        let file = entry?.file_name().into_string().unwrap();
        let known = file.strip_suffix(".xml").is_some_and(|name| names::INTERFACES.contains(&name));
        assert!(known, "api/interfaces/{file} describes nothing that the daemon serves");
    }
    Ok(())
}

/// Every member with its types, names and annotations, a line each.
fn members(interface: &Interface<'_>) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for method in interface.methods() {
        let arguments = arguments(method.args(), ArgDirection::In);
        lines.insert(format!(
            "method {}({arguments}){}",
            method.name(),
            notes(method.annotations())
        ));
    }
    for signal in interface.signals() {
        let arguments = arguments(signal.args(), ArgDirection::Out);
        lines.insert(format!(
            "signal {}({arguments}){}",
            signal.name(),
            notes(signal.annotations())
        ));
    }
    for property in interface.properties() {
        lines.insert(format!(
            "property {} {} {:?}{}",
            property.name(),
            property.ty().inner(),
            property.access(),
            notes(property.annotations())
        ));
    }
    lines
}

fn arguments(arguments: &[Arg], default: ArgDirection) -> String {
    let words = arguments.iter().map(|argument| {
        let direction = argument.direction().unwrap_or(default);
        let name = argument.name().unwrap_or("?");
        format!("{direction:?} {} {name}", argument.ty().inner())
    });
    words.collect::<Vec<_>>().join(", ")
}

fn notes(annotations: &[Annotation]) -> String {
    annotations.iter().map(|note| format!(" [{}={}]", note.name(), note.value())).collect()
}
