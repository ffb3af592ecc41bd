//! Help for two readers: `-h` has what most people need, `--help` has everything.

use std::collections::BTreeSet;

use super::harness::Scene;

/// The subcommands that have more flags than most people need.
const LONG: [&str; 9] = [
    "fib", "pi", "image", "cmd", "busy", "all", "check", "noise", "overhead",
];

/// The flags that `help` lists, without those that it only mentions.
fn flags(help: &str) -> BTreeSet<String> {
    help.lines()
        .filter(|line| line.starts_with("  -") || line.starts_with("      --"))
        .map(str::trim_start)
        // Behind two spaces stands what the flag does.
        .filter_map(|line| line.split("  ").next())
        .flat_map(|flag| flag.split([' ', ',']))
        .filter(|word| word.starts_with("--"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn short_help_fits_on_a_screen_and_leads_to_the_whole_one() {
    let scene = Scene::new().env("COLUMNS", "80");

    for name in LONG {
        let short = scene.run(&format!("{name} -h")).stdout;
        let whole = scene.run(&format!("{name} --help")).stdout;
        let last = short.lines().last().unwrap();
        assert_eq!(last, format!("All options: parbench {name} --help"));

        let lines = short.lines().count();
        assert!(lines <= 32, "{name} -h has {lines} lines:\n{short}");
        assert!(whole.lines().count() > lines, "{whole}");
        assert!(
            flags(&short).is_subset(&flags(&whole)),
            "{name}: {short}\n{whole}"
        );
    }
}

#[test]
fn short_help_has_the_flags_that_most_people_need() {
    let scene = Scene::new();

    for (name, wanted) in [
        (
            "pi",
            "--samples --tasks --quick --workers --engine --rounds --max-time --chart --export \
             --quiet --verbose --save-baseline --help",
        ),
        (
            "all",
            "--fib-size --pi-samples --image-count --quick --workers --chart --export",
        ),
        ("image", "--count --side --quick --workers"),
        (
            "check",
            "--baseline --against --tolerance --only --strict --rounds --export",
        ),
        ("compare", "--tolerance --chart --export --quiet"),
        ("noise", "--checks --slowdowns --only --export"),
        (
            "overhead",
            "--engine --workers --rounds --chart --save-baseline",
        ),
    ] {
        let shown = flags(&scene.run(&format!("{name} -h")).stdout);
        for flag in wanted.split_whitespace() {
            assert!(shown.contains(flag), "{name} {flag}: {shown:?}");
        }
    }
    let check = scene.run("check -h").stdout;
    for rare in ["--fib-size", "--order-seed", "--isa", "--ray-address"] {
        assert!(!check.contains(rare), "{rare}: {check}");
    }
}

#[test]
fn help_as_a_word_is_the_whole_help() {
    let scene = Scene::new();

    assert_eq!(
        scene.run("help check").stdout,
        scene.run("check --help").stdout
    );
    assert_eq!(scene.run("help").stdout, scene.run("--help").stdout);
    let short = Scene::new().env("COLUMNS", "80").run("-h").stdout;
    assert!(
        short.lines().count() <= 32 && short.contains("parbench --help"),
        "{short}"
    );
}
