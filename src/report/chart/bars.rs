//! The chart of a run with one number of workers for each engine: the time of each arm as a bar, on
//! an axis for each workload that begins at 0. What stands right of a bar is about that bar.

mod bar;

use self::bar::{Bar, WIDEST_LABEL};
use super::axis::Axis;
use super::facts::facts;
use super::font::{Font, Ruler};
use super::legend::{Key, Sample};
use super::page::{GAP, Grid, Label, NAME_SIZE, Page, SMALL_SIZE, TEXT_SIZE, sentences};
use super::palette::{GRID, RULE};
use super::scene::{Frame, Scene};
use crate::report::findings::{Kind, findings};
use crate::report::words::names::name;
use crate::results::{Measurement, Run};
use crate::units::count;

/// The bars of one measurement.
struct Group {
    name: String,
    remark: Option<&'static str>,
    bars: Vec<Bar>,
    axis: Axis,
}

/// Where the parts of a group stand, the same in all of them.
struct Columns {
    label: f64,
    time: f64,
    claim: f64,
}

/// The chart of `run`.
pub(super) fn scene(run: &Run, font: &Font) -> Scene {
    let ruler = Ruler::new(font);
    let findings = findings(run);
    let groups: Vec<Group> = run
        .measurements
        .iter()
        .map(|measurement| Group::of(run, measurement))
        .collect();
    let bars = || groups.iter().flat_map(|group| &group.bars);
    let grid = Grid::new(groups.len(), 1);
    let mut page = Page::new(&title(run), grid.page_width(), &findings, ruler);

    if bars().next().is_none() {
        page.nothing();
    } else {
        let columns = Columns::of(&groups, ruler);
        page.legend(&keys(run, &groups));
        page.panels(grid, groups.len(), |page, index, left, right| {
            groups[index].draw(page, &columns, left, right);
        });
    }
    page.footer(&findings, &facts(run));

    let mut words = sentences(&findings, Kind::is_note);
    words.extend(groups.iter().filter_map(Group::sentence));
    words.extend(sentences(&findings, |kind| {
        matches!(kind, Kind::Verdict | Kind::Recommendation | Kind::Problem)
    }));
    page.finish(&words)
}

fn title(run: &Run) -> String {
    let mut arms: Vec<String> = Vec::new();
    for pair in run.pairs() {
        let arm = format!("{} on {}", pair.engine(), count(pair.workers(), "worker"));
        if !arms.contains(&arm) {
            arms.push(arm);
        }
    }
    let reference = run
        .pairs()
        .next()
        .map(|pair| pair.measurement.reference_arm().label());
    let what = if has_growing_work(run) {
        "Time of a round"
    } else {
        "Time of the same work"
    };

    match (reference, arms.len()) {
        (Some(reference), 1..=3) => format!("{what}: {reference}, and {}", arms.join(", ")),
        _ => what.to_owned(),
    }
}

fn has_growing_work(run: &Run) -> bool {
    run.measurements.iter().any(Measurement::is_weak_scaling)
}

fn keys(run: &Run, groups: &[Group]) -> Vec<Key> {
    let bars = || groups.iter().flat_map(|group| &group.bars);
    let key = |sample: Sample, words: &str| Key {
        sample,
        words: words.to_owned(),
    };
    let mut keys = Vec::new();

    if bars().any(|bar| bar.interval.is_some()) {
        let words = if has_growing_work(run) {
            "95 % interval of the median"
        } else {
            "95 % interval of the median; shorter is faster"
        };
        keys.push(key(Sample::Whisker, words));
    }
    let is_open = |bar: &Bar| bar.claim.as_ref().is_some_and(|claim| !claim.is_resolved);
    if bars().any(is_open) {
        keys.push(key(Sample::Hatch, "not resolved: may be faster or slower"));
    }

    keys
}

impl Group {
    fn of(run: &Run, measurement: &Measurement) -> Self {
        let arms = 0..measurement.arms.len();
        let bars: Vec<Bar> = arms
            .filter_map(|index| Bar::of(run, measurement, index))
            .collect();
        let ends = bars.iter().map(Bar::end_s);

        Self {
            name: name(run, measurement),
            remark: remark(measurement),
            axis: Axis::times(ends.fold(0.0, f64::max)),
            bars,
        }
    }

    fn draw(&self, page: &mut Page<'_>, columns: &Columns, left: f64, right: f64) {
        page.panel_name(&self.name, self.remark, left, right - left);
        if self.bars.is_empty() {
            return;
        }

        let plot = Frame {
            left: left + columns.label + GAP,
            top: page.y,
            right: right - columns.claim - columns.time - 3.0 * GAP,
            bottom: page.y + self.bars.iter().map(Bar::height).sum::<f64>(),
        };
        let across = |seconds: f64| plot.left + self.axis.share(seconds) * plot.width();
        for tick in &self.axis.ticks {
            page.scene
                .upright(across(tick.value), plot.top, plot.bottom, GRID);
        }
        for bar in &self.bars {
            bar.draw(page, left, right - columns.claim, &across);
        }
        page.scene
            .upright(plot.left - 1.0, plot.top, plot.bottom, RULE);

        // The last one has the unit.
        let labels: Vec<Label> = self
            .axis
            .ticks
            .iter()
            .rev()
            .map(|tick| Label {
                x: across(tick.value),
                words: tick.label.clone(),
            })
            .collect();
        page.tick_labels(&labels);
    }

    /// The times, for those who cannot see the bars.
    fn sentence(&self) -> Option<String> {
        let times: Vec<String> = self.bars.iter().map(Bar::words).collect();

        (!times.is_empty()).then(|| format!("{}: {}.", self.name, times.join(", ")))
    }
}

/// What a reader must know of a measurement's bars.
fn remark(measurement: &Measurement) -> Option<&'static str> {
    if measurement.rounds.is_empty() {
        Some("no complete round")
    } else if measurement.steady().next().is_none() {
        Some("cold round only")
    } else if measurement.is_weak_scaling() {
        Some("the work grows with the workers, which the speed-up allows for")
    } else {
        None
    }
}

impl Columns {
    fn of(groups: &[Group], ruler: Ruler<'_>) -> Self {
        let bars = || groups.iter().flat_map(|group| &group.bars);
        let claims = || bars().filter_map(|bar| bar.claim.as_ref());
        let speedups = claims().map(|claim| &claim.speedup);
        let verdicts = claims().map(|claim| &claim.verdict);

        Self {
            label: ruler
                .widest(bars().map(|bar| &bar.label), TEXT_SIZE)
                .min(WIDEST_LABEL),
            time: ruler.widest(bars().map(Bar::time), TEXT_SIZE),
            claim: ruler
                .widest(speedups, NAME_SIZE)
                .max(ruler.widest(verdicts, SMALL_SIZE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::OtherPrograms;
    use crate::report::chart::scene::Shape;
    use crate::report::fixture;
    use crate::results::{Round, SERIAL};

    fn texts(run: &Run) -> Vec<String> {
        let scene = scene(run, &Font::embedded().unwrap());
        let texts = scene.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(text) => Some(text.words.clone()),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn each_bar_has_its_time_its_speedup_with_an_interval_and_its_verdict() {
        let run = fixture::run();
        let texts = texts(&run);

        // The last is that of an axis, whose other ticks have no unit.
        let words = [
            "fib", "pi", "image", "serial", "pool 2", "1.23 s", "648 ms", "1.0 s",
        ];
        for wanted in words {
            assert!(
                texts.iter().any(|text| text == wanted),
                "{wanted} in {texts:?}"
            );
        }
        assert!(
            texts.iter().any(|text| text.starts_with("1.89x [")),
            "{texts:?}"
        );
        assert!(
            texts.iter().any(|text| text.starts_with("pays, for ")),
            "{texts:?}"
        );
        assert!(
            texts
                .iter()
                .any(|text| text.starts_with("does not pay, for ")),
            "{texts:?}"
        );
    }

    #[test]
    fn engines_have_a_bar_each_in_the_order_of_the_arms() {
        let run = fixture::engines();
        let labels: Vec<String> = Group::of(&run, &run.measurements[0])
            .bars
            .into_iter()
            .map(|bar| bar.label)
            .collect();

        assert_eq!(labels, [SERIAL, "pool 2", "process 2", "ray 2"]);
        assert!(texts(&run).contains(&"no complete round".to_owned()));
    }

    #[test]
    fn bars_of_growing_work_are_not_called_the_same_work() {
        let mut run = fixture::run();
        assert!(texts(&run)[0].starts_with("Time of the same work: serial, and pool on 2"));

        run.measurements[0].arms[1].scale = 2;
        let texts = texts(&run);
        assert!(texts[0].starts_with("Time of a round: "), "{texts:?}");
        assert!(
            texts
                .iter()
                .any(|text| text.starts_with("the work grows with the workers"))
        );
    }

    #[test]
    fn a_whisker_is_the_interval_of_the_median_and_no_outlier_moves_the_axis() {
        let mut run = fixture::run();
        run.measurements[0].rounds[3].times[1].wall_s = 100.0;
        let group = Group::of(&run, &run.measurements[0]);

        let interval = group.bars[1].interval.unwrap();
        assert!(interval.high < 0.7, "{interval:?}");
        assert!(group.axis.high() < 1.4, "{:?}", group.axis);
    }

    #[test]
    fn what_is_not_resolved_is_hatched_and_explained() {
        let mut run = fixture::run();
        let explained = |run: &Run| {
            texts(run)
                .iter()
                .any(|text| text.starts_with("not resolved:"))
        };
        assert!(!explained(&run));

        for (index, round) in run.measurements[0].rounds.iter_mut().enumerate() {
            round.times[1].wall_s = if index % 2 == 0 { 1.0 } else { 1.5 };
        }
        assert!(explained(&run));
        let group = Group::of(&run, &run.measurements[0]);
        assert!(!group.bars[1].claim.as_ref().unwrap().is_resolved);
    }

    #[test]
    fn beside_other_programs_a_verdict_is_of_now_and_the_top_says_why() {
        let mut run = fixture::run();
        let busy = |round: &mut Round| {
            round.machine.other_programs = Some(OtherPrograms {
                cores: 1.3,
                cpus: 2,
            });
        };
        run.measurements
            .iter_mut()
            .flat_map(|measurement| &mut measurement.rounds)
            .for_each(busy);
        let texts = texts(&run);

        let place = |start: &str| texts.iter().position(|text| text.starts_with(start));
        let verdict = place("pays now").unwrap();
        let warning = place("other programs used 1.3 of the 2 CPUs").unwrap();
        assert!(warning < verdict, "{texts:?}");
    }

    #[test]
    fn a_run_that_went_wrong_says_so_in_the_picture() {
        let broken = texts(&fixture::broken()).join(" ");
        for wanted in [
            "interrupted",
            "debug build",
            "photo-17.jpg is no JPEG",
            "ray: not reachable",
            "cold round only",
            "no complete round",
        ] {
            assert!(broken.contains(wanted), "{wanted} in {broken}");
        }
        let nothing = texts(&fixture::of(Vec::new())).join(" ");
        assert!(
            nothing.contains("there are no figures to draw"),
            "{nothing}"
        );
    }
}
