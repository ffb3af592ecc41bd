//! Values in completions for PowerShell and Elvish, whose generators know subcommands and flags
//! only.

use clap::{Arg, Command};

/// Marks a value that a name of a file follows.
const BEFORE_FILE: char = ':';

/// What may stand at one place.
struct Place {
    /// The subcommand and the word before: `parbench;all --engine`.
    behind: String,
    values: Vec<String>,
}

/// `script` for PowerShell, made for `command` of the program `binary`, with values.
pub(super) fn powershell(script: &str, command: &Command, binary: &str) -> String {
    let cases = places(command, binary).into_iter().map(|place| {
        let values: Vec<String> = place.values.iter().map(|value| quoted(value)).collect();
        format!(
            "        {} {{ {}; break }}\n",
            quoted(&place.behind),
            values.join(", ")
        )
    });
    // Where nothing is offered, PowerShell offers files.
    let values = format!(
        "    $before = @($commandElements | Where-Object {{ $_.Extent.EndOffset -lt $cursorPosition }})
    $values = @(switch -CaseSensitive (\"$command $($before[-1])\") {{
{}    }})
    if ($values.Count -gt 0) {{
        $values | Where-Object {{ $_ -like \"$wordToComplete*\" }} | ForEach-Object {{
            [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, $_)
        }}
        return
    }}

",
        cases.collect::<String>()
    );

    let mark = "    $completions = @(switch ($command) {";
    script.replacen(mark, &(values + mark), 1)
}

/// The same for Elvish.
pub(super) fn elvish(script: &str, command: &Command, binary: &str) -> String {
    let cases = places(command, binary).into_iter().map(|place| {
        let values: Vec<String> = place.values.iter().map(|value| quoted(value)).collect();
        format!(
            "        &{}= [{}]\n",
            quoted(&place.behind),
            values.join(" ")
        )
    });
    let values = format!(
        "    var values = [
{}    ]
    var behind = $command' '$words[-2]
    if (has-key $values $behind) {{
        for value $values[$behind] {{
            if (str:has-suffix $value '{BEFORE_FILE}') {{
                edit:complex-candidate $value &code-suffix=''
            }} else {{
                put $value
            }}
        }}
        if (str:has-suffix $values[$behind][0] '{BEFORE_FILE}') {{
            edit:complete-filename $@words
        }}
    }} else {{
        $completions[$command]
    }}
",
        cases.collect::<String>()
    );

    let mark = "    $completions[$command]\n";
    script.replacen(mark, &values, 1)
}

/// All places of `command` and its subcommands that have values.
fn places(command: &Command, path: &str) -> Vec<Place> {
    let own_places = command.get_arguments().flat_map(|arg| {
        let values: Vec<String> = arg
            .get_possible_values()
            .into_iter()
            .filter(|value| !value.is_hide_set())
            .map(|value| value.get_name().to_owned())
            .collect();
        let words = if values.is_empty() || arg.is_hide_set() {
            Vec::new()
        } else {
            words_before(arg, path)
        };

        words.into_iter().map(move |word| Place {
            behind: format!("{path} {word}"),
            values: values.clone(),
        })
    });
    let inner = command
        .get_subcommands()
        .flat_map(|inner| places(inner, &format!("{path};{}", inner.get_name())));

    own_places.chain(inner).collect()
}

/// The words that a value of `arg` may stand behind: its flags, or the subcommand at the end of
/// `path`.
fn words_before(arg: &Arg, path: &str) -> Vec<String> {
    if arg.is_positional() {
        let name = path.rsplit(';').next().unwrap_or(path);
        return vec![name.to_owned()];
    }

    let long = arg.get_long().map(|long| format!("--{long}"));
    let short = arg.get_short().map(|short| format!("-{short}"));
    long.into_iter().chain(short).collect()
}

/// `text` between single quotes, as both shells read it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
