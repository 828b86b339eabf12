use clap::CommandFactory;

use crate::arguments::{Arguments, ManArguments};
use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// Prints the manual page, or writes one page a command into a directory.
pub(crate) fn run(arguments: &ManArguments, output: &mut Output) -> Result<Outcome, Failure> {
    let Some(directory) = &arguments.directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
        output.bytes(&page)?;
        return Ok(Outcome::Done);
    };
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), directory))
        .map_err(|error| Failure::failed(format!("{}: {error}", directory.display())))?;
    Ok(Outcome::Done)
}
