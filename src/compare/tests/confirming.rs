//! What further passes make of a suspicion.

use super::*;

#[test]
fn a_second_pass_must_agree() {
    let old = steady(1.0, 0.5);
    let mut first = compared(&old, &steady(1.3, 0.5), Pairing::Apart).unwrap();
    assert_eq!(first.outcome(), Outcome::Regressed);
    let mut denied = first.clone();
    confirm(
        &mut denied,
        &compared(&old, &steady(1.0, 0.5), Pairing::Apart).unwrap(),
    );
    assert_eq!(denied.outcome(), Outcome::Inconclusive);
    assert_eq!(denied.judgements[0].reason, Reason::NotConfirmed);
    assert_eq!(regresses_below(&denied.judgements[0]), 0.0);
    confirm(
        &mut first,
        &compared(&old, &steady(1.2, 0.5), Pairing::Apart).unwrap(),
    );
    assert_eq!(
        (first.outcome(), first.judgements[0].reason),
        (Outcome::Regressed, Reason::Worse)
    );
    let below = regresses_below(&first.judgements[0]);
    assert!(
        (below - 0.2).abs() < 1e-9,
        "what the further pass found, since that is less: {below}"
    );
}

#[test]
fn a_pass_without_the_suspect_does_not_confirm_it() {
    let old = steady(1.0, 0.5);
    let again = compared(&old, &steady(1.3, 0.5), Pairing::Apart).unwrap();
    let mut first = again.clone();
    confirm(&mut first, &again);
    assert_eq!(first.outcome(), Outcome::Regressed);

    let mut without = again.clone();
    without.judgements.clear();
    confirm(&mut first, &without);
    assert_eq!(first.judgements[0].reason, Reason::NotConfirmed);
}

/// The suspects of three measurements of a workload may be two of them, or one.
#[test]
fn a_further_pass_may_name_a_measurement_by_fewer_parameters() {
    let old = steady(1.0, 0.5);
    let mut first = compared(&old, &steady(1.3, 0.5), Pairing::Apart).unwrap();
    first.judgements[0].variant = Some("steps 64, shape batch, on pool".to_owned());

    let confirmed = |variants: &[Option<&str>]| {
        let (mut first, mut again) = (first.clone(), first.clone());
        let judgement = again.judgements.swap_remove(0);
        let named = |variant: Option<&str>| {
            let variant = variant.map(str::to_owned);
            Judgement {
                variant,
                ..judgement.clone()
            }
        };
        again.judgements = variants.iter().copied().map(named).collect();
        confirm(&mut first, &again);
        first.judgements[0].outcome == Outcome::Regressed
    };
    assert!(confirmed(&[Some("steps 64, shape batch, on pool")]));
    assert!(confirmed(&[Some("steps 8"), Some("steps 64")]));
    assert!(confirmed(&[None]));
    assert!(!confirmed(&[
        Some("steps 8"),
        Some("steps 64, shape awake")
    ]));
}

#[test]
fn a_further_pass_need_not_prove_it_alone_but_must_be_worse_for_certain() {
    let old = steady(1.0, 0.5);
    let confirmed = |change: f64, low: f64, noise: f64| {
        let mut first = compared(&old, &steady(1.3, 0.5), Pairing::Apart).unwrap();
        let mut again = first.clone();
        let judgement = &mut again.judgements[0];
        (
            judgement.change,
            judgement.low,
            judgement.noise,
            judgement.outcome,
        ) = (change, low, noise, Outcome::Inconclusive);
        confirm(&mut first, &again);
        first.judgements[0].outcome == Outcome::Regressed
    };
    assert!(confirmed(1.2, 1.05, 0.02));
    assert!(!confirmed(1.2, 0.99, 0.02), "not worse for certain");
    assert!(!confirmed(1.08, 1.05, 0.02), "less than is tolerated");
    assert!(!confirmed(1.2, 1.05, 0.25), "less than the noise");
}
