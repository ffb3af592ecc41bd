//! The words of a command with their placeholders, and what is wrong where nothing can stand in for
//! one.

use super::params::Params;
use super::template::Template;
use crate::results::StoredPath;

/// The words behind the program. An error is a line for the user.
pub(super) fn words(params: &Params) -> Result<Vec<Template>, String> {
    let has_inputs = !params.inputs.is_empty();
    let mut words = match (&params.shell, params.line.command.split_first()) {
        // An input is an argument of the shell, and no part of what it reads as its program.
        (Some(_), Some((script, _))) => vec![
            Template::literal("-c"),
            Template::of_task(script.as_path().as_os_str()),
            Template::literal("parbench"),
        ],
        (None, Some((_, words))) => words.iter().map(|word| params.template(word)).collect(),
        (_, None) => Vec::new(),
    };

    let variables = params.line.variables.iter();
    let variables: Vec<Template> = variables.map(|(_, value)| params.template(value)).collect();
    let templates = || words.iter().chain(&variables);

    if has_inputs {
        refuse_unread(params)?;
        // As for GNU parallel, the number of a task is enough; a shell's script has its input apart.
        let takes_numbers = params.shell.is_none() && words.iter().any(Template::takes_numbers);
        if !takes_numbers && !templates().any(Template::takes_inputs) {
            words.push(Template::input());
        }
        return Ok(words);
    }

    match templates().find_map(|word| word.input_placeholder(&params.placeholder)) {
        Some(placeholder) => Err(without_inputs(placeholder, &params.placeholder)),
        None => Ok(words),
    }
}

/// Refuses a shell's script with a placeholder of inputs that reads none: a shell is given its input
/// as `$1`, so that no input is a part of the script.
fn refuse_unread(params: &Params) -> Result<(), String> {
    let script = params.shell.as_ref().and(params.line.command.first());
    let Some(script) = script else { return Ok(()) };

    let template = params.template(script);
    let text = script.as_path().to_string_lossy();
    let reads = ["$1", "${1", "$@", "$*"]
        .iter()
        .any(|name| text.contains(name));
    match template.input_placeholder(&params.placeholder) {
        Some(placeholder) if !reads => Err(format!(
            "the shell\'s command has {placeholder} where a shell reads its input: write \"$1\"; where {placeholder} is \
             meant literally, give -I another string, as in -I @@"
        )),
        _ => Ok(()),
    }
}

/// The error for a placeholder that nothing stands in for, which may be meant as it is.
fn without_inputs(placeholder: &str, whole: &str) -> String {
    let literal = if placeholder == whole {
        "; where it is meant literally, give -I another string, as in -I @@"
    } else {
        ""
    };

    format!(
        "the command has the placeholder {placeholder} and there are no inputs: give them after ::: or with --inputs{literal}"
    )
}

/// The template of `name`, the file of each task's output. An error is a line for the user.
pub(super) fn output_template(params: &Params, name: &StoredPath) -> Result<Template, String> {
    let template = params.template(name);
    let Some(placeholder) = template.input_placeholder(&params.placeholder) else {
        return Ok(template);
    };

    if params.inputs.is_empty() {
        Err(format!(
            "--output has the placeholder {placeholder} and there are no inputs: write {{#}} for the number of the task"
        ))
    } else if params.batch.count() > 1 {
        Err(format!(
            "--output has the placeholder {placeholder} and a process has several inputs with --batch: write {{#}} for \
             the number of the task"
        ))
    } else {
        Ok(template)
    }
}
