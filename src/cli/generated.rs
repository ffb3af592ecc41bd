//! What is made of the definitions for others to read: completions for a shell, manual pages.
//! Subcommands that only this program starts stand in neither.

use std::io;

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command};
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::history_formats::history_exporters;
use super::parts::Parts;
use super::value_completions;
use crate::report::Exporter;

/// A manual page.
pub(super) struct Page {
    /// The name of its file.
    pub(super) name: String,
    /// What `man` reads.
    pub(super) text: Vec<u8>,
}

/// The script that completes `command`, of a program with these `parts` called `binary`, in
/// `shell`.
pub(super) fn completions(command: &Command, parts: &Parts, binary: &str, shell: Shell) -> String {
    let formats = Formats::of(parts);
    let mut command = without_hidden(command).mut_subcommands(|subcommand| {
        subcommand
            .mut_args(|arg| formats.named_in(arg, false))
            .mut_subcommands(|inner| {
                let shows_history = ["show", "check"].contains(&inner.get_name());
                inner.mut_args(|arg| formats.named_in(arg, shows_history))
            })
    });

    let mut script = Vec::new();
    generate(shell, &mut command, binary, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();

    match shell {
        Shell::PowerShell => value_completions::powershell(&script, &command, binary),
        Shell::Elvish => value_completions::elvish(&script, &command, binary),
        _ => formats.all().fold(script, |script, formats| {
            beside_files(&script, shell, formats)
        }),
    }
}

/// The formats that flags take, each as `FORMAT:`.
struct Formats {
    exports: Vec<String>,
    charts: Vec<String>,
    exports_of_history: Vec<String>,
}

impl Formats {
    fn of(parts: &Parts) -> Self {
        Self {
            exports: prefixes(&parts.exporters),
            charts: prefixes(&parts.charts),
            exports_of_history: prefixes(&history_exporters()),
        }
    }

    /// `arg` with its formats as values, where it has any.
    fn named_in(&self, arg: Arg, shows_history: bool) -> Arg {
        let formats = match (arg.get_id().as_str(), shows_history) {
            ("run_export", _) => &self.exports,
            ("run_chart", _) | ("chart", true) => &self.charts,
            ("export", true) => &self.exports_of_history,
            _ => return arg,
        };

        arg.value_parser(PossibleValuesParser::new(formats))
    }

    fn all(&self) -> impl Iterator<Item = &[String]> {
        let Self {
            exports,
            charts,
            exports_of_history,
        } = self;

        [exports, charts, exports_of_history]
            .into_iter()
            .map(Vec::as_slice)
    }
}

/// `FORMAT:` of each of `formats`.
fn prefixes(formats: &[&'static Exporter]) -> Vec<String> {
    let names = formats.iter().map(|format| format.name);

    names.map(|name| format!("{name}:")).collect()
}

/// `script` with files beside `formats`, and without a blank behind one of these: `FILE` and
/// `FORMAT:FILE` are meant. The generators know either values or files.
fn beside_files(script: &str, shell: Shell, formats: &[String]) -> String {
    let list = formats.join(" ");

    match shell {
        Shell::Bash => {
            let values = format!("COMPREPLY=($(compgen -W \"{list}\" -- \"${{cur}}\"))");
            let no_blank = "[[ \"${COMPREPLY[0]}\" == *: ]] && compopt -o nospace 2>/dev/null";
            script.replace(
                &values,
                &format!("{values}\n                    {no_blank}"),
            )
        }
        Shell::Zsh => {
            let list = list.replace(':', "\\:");
            script.replace(
                &format!("({list})"),
                &format!("{{compadd -S \"\" -- {list}; _files}}"),
            )
        }
        Shell::Fish => {
            let values: Vec<String> = formats.iter().map(|name| format!("{name}\\t''")).collect();
            let values = format!("-a \"{}\"", values.join("\n"));
            script.replace(&format!("-r -f {values}"), &format!("-r -F {values}"))
        }
        _ => script.to_owned(),
    }
}

/// The manual pages of `command`, of a program called `binary`: its own, and one of each
/// subcommand.
pub(super) fn pages(command: &Command, binary: &str) -> io::Result<Vec<Page>> {
    let mut command = without_hidden(command)
        .name(binary.to_owned())
        .disable_help_subcommand(true);
    command.build();

    let subcommands = command.get_subcommands().flat_map(|subcommand| {
        let inner = subcommand.get_subcommands();
        let inner = inner.filter(|inner| inner.get_name() != "help");
        std::iter::once(subcommand).chain(inner)
    });
    std::iter::once(&command)
        .chain(subcommands)
        .map(|command| page(command.clone(), binary))
        .collect()
}

fn page(command: Command, binary: &str) -> io::Result<Page> {
    let notes = command.get_after_help().map(ToString::to_string);
    let page = Man::new(command.after_help(None::<&'static str>))
        .source(format!("{binary} {}", env!("CARGO_PKG_VERSION")));
    let mut text = Vec::new();
    page.render(&mut text)?;

    if let Some(notes) = notes {
        // Line by line: they hold tables and commands, which the generator would run together.
        let mut section = Roff::default();
        section.control("SH", ["NOTES"]).control("nf", []);
        for line in notes.lines() {
            section.text([roman(line)]);
        }
        section.control("fi", []);
        section.to_writer(&mut text)?;
    }
    Ok(Page {
        name: page.get_filename(),
        text,
    })
}

/// `command` with the subcommands that people type.
fn without_hidden(command: &Command) -> Command {
    let about = command.get_about().cloned().unwrap_or_default();
    let after_help = command.get_after_help().cloned().unwrap_or_default();
    let subcommands = command.get_subcommands();
    let visible_subcommands = subcommands.filter(|subcommand| !subcommand.is_hide_set());

    Command::new(command.get_name().to_owned())
        .version(env!("CARGO_PKG_VERSION"))
        .about(about)
        .after_help(after_help)
        .subcommand_required(true)
        .subcommands(visible_subcommands.cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::definition::command;

    const SHELLS: [Shell; 5] = [
        Shell::Bash,
        Shell::Zsh,
        Shell::Fish,
        Shell::PowerShell,
        Shell::Elvish,
    ];

    fn script(parts: &Parts, shell: Shell) -> String {
        completions(&command(parts), parts, "mine", shell)
    }

    #[test]
    fn every_script_names_what_people_type_under_the_programs_name() {
        let parts = Parts::built_in();
        for shell in SHELLS {
            let script = script(&parts, shell);
            for word in ["mine", "fib", "image", "overhead", "store-spans", "doctor"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
            for hidden in [crate::turns::SUBCOMMAND, crate::worker::SUBCOMMAND] {
                assert!(!script.contains(&format!("mine {hidden}")), "{shell}");
                assert!(!script.contains(&format!("'{hidden}'")), "{shell}");
            }
        }
    }

    #[test]
    fn a_program_completes_its_own_parts() {
        let mut parts = Parts::built_in();
        parts.exporters.truncate(2);
        let bash = script(&parts, Shell::Bash);
        assert!(bash.contains("\"json: csv:\""));
        assert!(!bash.contains("hyperfine:"));
    }

    #[test]
    fn formats_stand_beside_files() {
        let parts = Parts::built_in();
        for (shell, mark) in [
            (
                Shell::Bash,
                "compgen -W \"svg: png:\" -- \"${cur}\"))\n                    [[ \"${COMPREPLY[0]}\" == *: ]] && compopt",
            ),
            (Shell::Zsh, ":{compadd -S \"\" -- svg\\: png\\:; _files}'"),
            (Shell::Fish, "-r -F -a \"svg:\\t''\npng:\\t''\""),
        ] {
            let script = script(&parts, shell);
            let places = script.matches(mark).count();
            let command = command(&parts);
            let inner = command.get_subcommands().flat_map(|subcommand| {
                std::iter::once(subcommand).chain(subcommand.get_subcommands())
            });
            let flags = inner
                .flat_map(Command::get_arguments)
                .filter(|arg| ["run_chart", "chart"].contains(&arg.get_id().as_str()))
                .count();
            assert_eq!(places, flags, "{shell}");
        }
    }

    #[test]
    fn every_shell_completes_values_also_of_inner_subcommands() {
        let parts = Parts::built_in();
        for (shell, marks) in [
            (
                Shell::PowerShell,
                [
                    "        'mine;all --engine' { 'pool', 'process', 'ray'; break }\n",
                    "        'mine;all -e' { 'pool', 'process', 'ray'; break }\n",
                    "        'mine;history;check --export' { 'json:', 'md:', 'html:'; break }\n",
                    "        'mine;history;show --chart' { 'svg:', 'png:'; break }\n",
                    "        'mine;completions completions' { 'bash', 'elvish', ",
                    "    $values = @(switch -CaseSensitive (",
                ],
            ),
            (
                Shell::Elvish,
                [
                    "        &'mine;all --engine'= ['pool' 'process' 'ray']\n",
                    "        &'mine;all -e'= ['pool' 'process' 'ray']\n",
                    "        &'mine;history;check --export'= ['json:' 'md:' 'html:']\n",
                    "        &'mine;history;show --chart'= ['svg:' 'png:']\n",
                    "        &'mine;completions completions'= ['bash' 'elvish' ",
                    "    if (has-key $values $behind) {",
                ],
            ),
            (
                Shell::Bash,
                [
                    "compgen -W \"pool process ray\" --",
                    "compgen -W \"json: md: html:\" --",
                    "compgen -W \"svg: png:\" --",
                    "compgen -W \"fib pi image ",
                    "compgen -W \"auto always never\" --",
                    "compopt -o nospace",
                ],
            ),
        ] {
            let script = script(&parts, shell);
            for mark in marks {
                assert!(script.contains(mark), "{shell}: {mark}");
            }
            assert!(!script.contains("history;noise --export'"), "{shell}");
        }
    }

    #[test]
    fn a_page_for_each_subcommand_under_the_programs_name() {
        let parts = Parts::built_in();
        let pages = pages(&command(&parts), "mine").unwrap();
        let names: Vec<&str> = pages.iter().map(|page| page.name.as_str()).collect();

        assert_eq!(names[0], "mine.1");
        for name in [
            "mine-fib.1",
            "mine-check.1",
            "mine-man.1",
            "mine-history-add.1",
        ] {
            assert!(names.contains(&name), "{name}: {names:?}");
        }
        for hidden in [crate::turns::SUBCOMMAND, crate::worker::SUBCOMMAND] {
            assert!(!names.contains(&format!("mine-{hidden}.1").as_str()));
        }
    }
}
