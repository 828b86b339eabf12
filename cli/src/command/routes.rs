use serde_json::Value;
use tidings_api::{Error, Route, RouteSpan, Urgency};

use crate::arguments::RoutesArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{Output, clean, line};

/// Says which notifications go where.
pub(crate) async fn run(
    arguments: &RoutesArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let text = Daemon::connect().await?.targets().await?.routes().await?;
    if arguments.json {
        // As it came, with the keys of a newer daemon.
        output.json(&understood::<Value>(&text)?)?;
        return Ok(Outcome::Done);
    }
    let routes: Vec<Route> = understood(&text)?;
    if routes.is_empty() {
        output.line("no route: everything goes to this desktop alone")?;
    }
    for (index, route) in routes.iter().enumerate() {
        output.line(&clean::line(&sentence(route, index + 1)))?;
    }
    Ok(Outcome::Done)
}

fn understood<T: serde::de::DeserializeOwned>(text: &str) -> Result<Vec<T>, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::Unavailable(format!("routes: not understood: {error}")))
}

/// `number` is its place among the routes, from 1: the name of a route that was given none.
fn sentence(route: &Route, number: usize) -> String {
    let name = match route.name.as_str() {
        "" => format!("route {number}"),
        // A name that could be the number of another route.
        name if line::route(name) == name => format!("\"{name}\""),
        name => name.to_owned(),
    };
    let conditions = conditions(route);
    let when = if conditions.is_empty() {
        "always".to_owned()
    } else {
        format!("when {}", listed(&conditions, "and"))
    };
    let only = if route.only { ", and nowhere else" } else { "" };
    format!("{name}: {when}, then to {}{only}", listed(&route.to, "and"))
}

/// What must hold, all of it.
fn conditions(route: &Route) -> Vec<String> {
    let any = |words: &str, of: &[String]| {
        (!of.is_empty()).then(|| format!("{words} {}", listed(of, "or")))
    };
    let given = |words: String, text: &str| (!text.is_empty()).then_some(words);
    let urgency = match route.min_urgency {
        Urgency::Low => None,
        Urgency::Critical => Some("its urgency is critical".to_owned()),
        least @ (Urgency::Normal | Urgency::High) => {
            Some(format!("its urgency is {} or above", least.as_str()))
        }
    };
    let spans: Vec<String> = route.when.iter().map(span).collect();
    [
        any("it is from", &route.source),
        any("its topic is", &route.topic),
        urgency,
        any("it is tagged", &route.tag),
        given(format!("it says \"{}\"", route.text), &route.text),
        any("its actor is", &route.actor),
        any("it comes on", &spans),
        given(format!("it is still unread after {}", route.unread_for), &route.unread_for),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn span(span: &RouteSpan) -> String {
    format!("{} from {} to {}", span.days.join(", "), span.from, span.until)
}

/// `a`, `a or b`, `a, b or c`.
fn listed(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_route_without_conditions_is_always_taken() {
        let route = Route { to: texts(&["mail"]), ..Route::default() };
        assert_eq!(sentence(&route, 3), "route 3: always, then to mail");
        let called_so = Route { name: "route 3".into(), ..route };
        assert_eq!(sentence(&called_so, 1), "\"route 3\": always, then to mail", "it is the first");
    }

    #[test]
    fn every_condition_has_words() {
        let route = Route {
            name: "pager".into(),
            source: texts(&["orders", "ci", "db"]),
            topic: texts(&["payments"]),
            min_urgency: Urgency::High,
            tag: texts(&["shop"]),
            text: "timeout".into(),
            actor: texts(&["Ana", "Bob"]),
            unread_for: "10m".into(),
            when: vec![RouteSpan {
                days: texts(&["mon-fri"]),
                from: "08:00".into(),
                until: "18:00".into(),
            }],
            to: texts(&["phone", "mail"]),
            only: true,
        };
        assert_eq!(
            sentence(&route, 1),
            "pager: when it is from orders, ci or db, its topic is payments, its urgency is high \
             or above, it is tagged shop, it says \"timeout\", its actor is Ana or Bob, it comes \
             on mon-fri from 08:00 to 18:00 and it is still unread after 10m, then to phone and \
             mail, and nowhere else"
        );
    }
}
