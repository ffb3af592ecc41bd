//! Whether a table reaches the subcommands of its subcommand.

use super::tests::settled;

#[test]
fn the_table_of_a_history_is_for_its_subcommands() {
    let inner = |text: &str, line: &str| {
        let (_, matches) = settled(text, line).unwrap();
        let matches = matches.subcommand().unwrap().1.subcommand().unwrap().1;
        let raw = |id: &str| {
            let value = matches.try_get_raw(id).ok()??.next()?;
            value.to_str().map(str::to_owned)
        };
        (raw("tolerance"), raw("metrics"), raw("strict"))
    };
    let text = "tolerance = \"9%\"\n[history]\ntolerance = \"3%\"\nmetrics = [\"speed-up\"]\nstrict = true\n";
    let set = |texts: [Option<&str>; 3]| {
        let [tolerance, metrics, strict] = texts.map(|text| text.map(str::to_owned));
        (tolerance, metrics, strict)
    };

    assert_eq!(
        inner(text, "parbench history check"),
        set([Some("3%"), Some("speed-up"), Some("true")])
    );
    assert_eq!(
        inner(text, "parbench history check --tolerance 1%").0,
        Some("1%".to_owned())
    );
    assert_eq!(
        inner(text, "parbench history show").0,
        Some("3%".to_owned())
    );
    // Less is tolerated there than by `check`.
    let usual = inner("", "parbench history check").0;
    assert_eq!(
        inner("tolerance = \"9%\"", "parbench history check").0,
        usual
    );

    let error = |text: &str| settled(text, "parbench check").err().unwrap();
    assert!(error("[history]\ntolerance = \"x\"").contains(":2:"));
    assert!(
        error("[history]\nworkers = 2").contains("known are store, tolerance, metrics, strict")
    );
}
