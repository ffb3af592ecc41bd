//! How a page says that its run can be repeated.

use super::*;

#[test]
fn the_command_that_repeats_a_run_allows_what_the_run_needs() {
    let command = |run: &Run| {
        let page = page(run);
        let commands = between(&page, "<code>", "</code>");
        commands.first().map(|command| (*command).to_owned())
    };
    let mut run = fixture::run();
    let plain = "parbench check --baseline run.json";
    assert_eq!(command(&run).as_deref(), Some(plain));

    run.measurements[0].workload = "cmd".to_owned();
    run.measurements[1].arms[1].placement.cluster = Some(ClusterKind::Joined { nodes: 2, cpus: 8 });
    let flags = "--allow-commands --ray-address auto";
    assert_eq!(command(&run), Some(format!("{plain} {flags}")));

    run.quick = Some(Quick::default());
    assert_eq!(command(&run), None);
    run.quick = None;
    assert_eq!(command(&fixture::of(Vec::new())), None);
}

#[test]
fn a_page_has_the_command_line_and_the_name_of_its_program() {
    let mut run = fixture::run();
    let words = [
        "target/release/primes",
        "primes",
        "--below",
        "2k",
        "-e",
        "a b",
    ];
    run.command = words.map(|word| PathBuf::from(word).into()).to_vec();
    let page_of = |run: &Run| page(run);
    let typed = "target/release/primes primes --below 2k -e 'a b'";

    let whole = page_of(&run);
    assert_eq!(
        between(&whole, "<code>", "</code>"),
        [typed, "primes check --baseline run.json"]
    );
    assert!(whole.contains("from which primes report derives every figure"));

    run.quick = Some(Quick::default());
    assert_eq!(between(&page_of(&run), "<code>", "</code>"), [typed]);
}
