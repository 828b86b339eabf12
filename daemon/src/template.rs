//! Templates over values, bounded and free of effects.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde_json::Value;

/// Instructions one rendering may take: far more than any honest template, far less than a second.
const FUEL: u64 = 20_000;

/// A template that was checked once.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    environment: Arc<Environment<'static>>,
}

const NAME: &str = "t";

impl Template {
    /// Checks a template. Missing values render as nothing.
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        Self::compile_with(text, UndefinedBehavior::Chainable, AutoEscape::None)
    }

    /// Checks a template of a JSON document: every value is written as JSON, a text with its quotes. Missing ones are `null`.
    pub(crate) fn compile_json(text: &str) -> Result<Self, String> {
        Self::compile_with(text, UndefinedBehavior::Chainable, AutoEscape::Json)
    }

    /// Checks a template of an HTML or XML document: in values, what would be markup is escaped.
    pub(crate) fn compile_markup(text: &str) -> Result<Self, String> {
        Self::compile_with(text, UndefinedBehavior::Chainable, AutoEscape::Html)
    }

    /// Checks a template in which a missing value is an error: a request without its ids may mean "everything".
    pub(crate) fn compile_strictly(text: &str) -> Result<Self, String> {
        Self::compile_with(text, UndefinedBehavior::Strict, AutoEscape::None)
    }

    fn compile_with(
        text: &str,
        missing: UndefinedBehavior,
        escape: AutoEscape,
    ) -> Result<Self, String> {
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_undefined_behavior(missing);
        environment.set_auto_escape_callback(move |_| escape.clone());
        environment
            .add_template_owned(NAME, text.to_owned())
            .map_err(|error| format!("the template \"{text}\" is wrong: {error}"))?;
        Ok(Self { environment: Arc::new(environment) })
    }

    /// Renders over a JSON object.
    pub(crate) fn render(&self, item: &Value) -> Result<String, String> {
        self.rendered(item).map_err(|error| in_words(&error))
    }

    /// Renders over a sample of what is to come. An error is one that no other values would mend; `None` = it fails over this
    /// sample, which proves nothing of others.
    pub(crate) fn try_on(&self, sample: &Value) -> Result<Option<String>, String> {
        match self.rendered(sample) {
            Ok(text) => Ok(Some(text)),
            Err(error) if fails_for_ever(error.kind()) => Err(in_words(&error)),
            Err(_) => Ok(None),
        }
    }

    fn rendered(&self, item: &Value) -> Result<String, minijinja::Error> {
        let values = minijinja::Value::from(minijinja::value::Serde(item));
        self.environment.get_template(NAME)?.render(values)
    }

    /// The names that it uses without giving them a value itself.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let template = self.environment.get_template(NAME);
        template
            .map(|template| template.undeclared_variables(false))
            .into_iter()
            .flatten()
            .collect()
    }
}

/// Whether a template that failed so is wrong itself: it calls what there is not, calls it wrongly, or does not end.
fn fails_for_ever(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
            | ErrorKind::MissingArgument
            | ErrorKind::TooManyArguments
            | ErrorKind::OutOfFuel
    )
}

fn in_words(error: &minijinja::Error) -> String {
    format!("a template could not be rendered: {error}")
}
