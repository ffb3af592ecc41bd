//! Series whose change is known from elsewhere.

use super::episode::{Shape, fit};
use super::order::{Testing, order};
use super::pieces::pieces;

/// The yearly flow of the Nile at Aswan from 1871 to 1970, in 10^8 cubic metres: G. W. Cobb, The
/// problem of the Nile, Biometrika 65, 1978. It fell after 1898, when the building of the dam
/// began; the annotators of the Turing change point data set who see a change see it at this year,
/// too.
const NILE: [u32; 100] = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180,
    799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833,
    701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845,
    864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676,
    649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923,
    975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
];

const FIRST_YEAR: usize = 1871;

#[test]
fn the_nile_fell_in_one_step_after_1898() {
    let values: Vec<f64> = NILE.iter().map(|flow| f64::from(*flow).ln()).collect();
    let testing = Testing::of(1, 0.01, 1);
    let order = order(&values, testing).unwrap();
    let starts = pieces(&values, &order, testing);

    assert!(order.p_value <= testing.level, "{order:?}");
    assert_eq!(starts, [0, 1899 - FIRST_YEAR]);
    let episodes = fit(&values, &starts).episodes;
    assert_eq!(episodes.len(), 1);
    assert_eq!(episodes[0].shape, Shape::Step, "no drift");
    // The means are 1097.75 and 849.97.
    let change = episodes[0].amount.change;
    assert!((change - 849.97 / 1097.75).abs() < 0.02, "{change}");
    assert!(episodes[0].amount.high < 0.9);
}
