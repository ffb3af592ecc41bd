//! One flat line for each arm of each round, for spreadsheets and data frames. What all rounds of
//! an arm say together stands in each of its lines.

mod arm;

use std::io::{self, Write};

use serde::Serialize;

use self::arm::{ArmColumns, arm_columns};
use crate::printable::{self, printable};
use crate::report::exporter::Exporter;
use crate::results::{Measurement, Pair, Round, Run};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "csv",
    extension: "csv",
    about: "One line per arm and round, for spreadsheets and data frames.",
    write,
    write_several: None,
};

/// An arm in a round, with the measurement that it belongs to. The fields' names are the header;
/// what is unknown or means nothing for an arm is an empty field.
#[derive(Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column")]
struct Line {
    workload: String,
    params: String,
    tasks: usize,
    unit: String,
    work: u64,
    engine: String,
    workers: usize,
    startup_s: f64,
    /// From 1, as people count.
    round: usize,
    cold: bool,
    left_out: bool,
    /// Of the arm among those of its round, from 1.
    place: Option<usize>,
    wall_s: f64,
    /// Beside the reference arm; empty for that itself.
    speedup: Option<f64>,
    dispatch_s: Option<f64>,
    busy_total_s: Option<f64>,
    busy_busiest_s: Option<f64>,
    user_s: Option<f64>,
    system_s: Option<f64>,
    preemptions: Option<u64>,
    waited_s: Option<f64>,
    passes: Option<u32>,
    arithmetic_s: f64,
    memory_s: f64,
    handoff_s: Option<f64>,
    granted_cores: Option<f64>,
    other_cores: Option<f64>,
    stopped: bool,
    disturbed: bool,
    /// How many times the reference's work the arm does.
    scale: usize,
}

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let mut lines = csv::WriterBuilder::new().has_headers(false).from_writer(to);
    lines.write_record(header()?.iter())?;

    for measurement in &run.measurements {
        let arms = arm_columns(measurement);
        for (number, round) in (1..).zip(&measurement.rounds) {
            for (index, arm) in arms.iter().enumerate() {
                lines.serialize((line(measurement, number, round, index), arm))?;
            }
        }
    }
    lines.flush()
}

/// The names of a line's fields. Serde writes them with the first line, and a run may
/// have no line.
fn header() -> io::Result<csv::StringRecord> {
    let mut lines = csv::Writer::from_writer(Vec::new());
    lines.serialize((Line::default(), ArmColumns::default()))?;
    let bytes = lines
        .into_inner()
        .map_err(csv::IntoInnerError::into_error)?;

    Ok(csv::Reader::from_reader(bytes.as_slice())
        .headers()?
        .clone())
}

/// The line of the arm at `index` in `round`, which is the measurement's by this `number`.
fn line(measurement: &Measurement, number: usize, round: &Round, index: usize) -> Line {
    let arm = &measurement.arms[index];
    let time = &round.times[index];
    let place = round.order.iter().position(|arm| *arm == index);
    let is_reference = index == measurement.reference;
    let speedup = || Pair { measurement, index }.in_round(round).speedup();
    // This machine's cores are not those that did the work of a cluster.
    let is_here = !arm.placement.elsewhere;

    Line {
        workload: printable(&measurement.workload).into_owned(),
        params: printable::json(measurement.params.to_string()),
        tasks: measurement.tasks,
        unit: printable(&measurement.work.unit).into_owned(),
        work: measurement.work.amount,
        engine: printable(&arm.engine).into_owned(),
        workers: arm.workers,
        startup_s: arm.startup_s,
        round: number,
        cold: round.cold,
        left_out: number == measurement.rounds.len() && measurement.leaves_a_round_out(),
        place: place.map(|place| place + 1),
        wall_s: time.wall_s,
        speedup: (!is_reference).then(speedup),
        dispatch_s: time.dispatch_s,
        busy_total_s: time.busy.map(|busy| busy.total_s),
        busy_busiest_s: time.busy.map(|busy| busy.busiest_s),
        user_s: time.cpu.map(|cpu| cpu.user_s),
        system_s: time.cpu.map(|cpu| cpu.system_s),
        preemptions: time.cpu.and_then(|cpu| cpu.preemptions),
        waited_s: time.cpu.and_then(|cpu| cpu.waited_s),
        passes: time.passes,
        arithmetic_s: round.calibration.arithmetic_s,
        memory_s: round.calibration.memory_s,
        handoff_s: round.calibration.handoff_s,
        granted_cores: round
            .calibration
            .granted_to(arm.workers)
            .filter(|_| is_here),
        other_cores: round.machine.other_programs.map(|others| others.cores),
        stopped: round.machine.stopped,
        disturbed: round.disturbed(),
        scale: arm.scale,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::analysis::scaled::measurement;
    use crate::report::fixture;

    fn text(run: &Run) -> String {
        let mut bytes = Vec::new();
        write(run, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn one_line_for_each_arm_of_each_round() {
        let mut run = fixture::run();
        run.measurements.truncate(1);
        run.measurements[0].rounds.truncate(2);
        insta::assert_snapshot!(text(&run), @r#"
        workload,params,tasks,unit,work,engine,workers,startup_s,round,cold,left_out,place,wall_s,speedup,dispatch_s,busy_total_s,busy_busiest_s,user_s,system_s,preemptions,waited_s,passes,arithmetic_s,memory_s,handoff_s,granted_cores,other_cores,stopped,disturbed,scale,median_speedup,speedup_low,speedup_high,efficiency,efficiency_low,efficiency_high,serial_fraction,serial_fraction_low,serial_fraction_high,gain_over_fewer,gain_over_fewer_low,gain_over_fewer_high,reserved_core_s,used_cpu_s,cheapest,law,sigma,sigma_low,sigma_high,kappa,kappa_low,kappa_high,peak,peak_low,peak_high,recommended,verdict
        fib,"{""n"":10000,""tasks"":8}",8,terms,10000,serial,1,0.0012,1,true,false,1,1.2957,,,,,1.256829,0.025914000000000003,3,0.001,,0.00062,0.0005,1.1e-7,0.97,0.03,false,false,1,,,,,,,,,,,,,1.19698,1.1850102,,,,,,,,,,,,,
        fib,"{""n"":10000,""tasks"":8}",8,terms,10000,pool,2,0.0012,1,true,false,2,0.7812,1.6586021505376345,3.1e-7,1.321614,0.6672855000000001,1.515528,0.031248,3,0.001,,0.00062,0.0005,1.1e-7,1.94,0.03,false,false,1,1.8723818283636953,,,0.9361909141818476,,,0.06815819813196566,,,,,,1.278564,1.26577836,,,,,,,,,,,,,not resolved
        fib,"{""n"":10000,""tasks"":8}",8,terms,10000,serial,1,0.0012,2,false,false,1,1.19698,,,,,1.1610706,0.0239396,3,0.001,,0.00062,0.0005,1.1e-7,0.97,0.03,false,false,1,,,,,,,,,,,,,1.19698,1.1850102,,,,,,,,,,,,,
        fib,"{""n"":10000,""tasks"":8}",8,terms,10000,pool,2,0.0012,2,false,false,2,0.639282,1.8723818283636953,3.1e-7,1.2209196,0.6164447,1.24020708,0.025571280000000002,3,0.001,,0.00062,0.0005,1.1e-7,1.94,0.03,false,false,1,1.8723818283636953,,,0.9361909141818476,,,0.06815819813196566,,,,,,1.278564,1.26577836,,,,,,,,,,,,,not resolved
        "#);
    }

    #[test]
    fn quotes_and_commas_come_back_and_a_record_is_a_line() {
        let mut run = fixture::run();
        let params = json!({"path": "a,\"b\"\nc", "list": [1, 2]});
        run.measurements[0].params = params.clone();
        run.measurements[0].workload = "odd, \"name\"\r\n".to_owned();
        let text = text(&run);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(*reader.headers().unwrap(), header().unwrap());
        assert_eq!(reader.headers().unwrap().len(), 57);
        let first = reader.records().next().unwrap().unwrap();
        assert_eq!(&first[0], "odd, \"name\"\\r\\n");
        assert_eq!(serde_json::from_str::<Value>(&first[1]).unwrap(), params);
        assert_eq!(
            first[12].parse::<f64>().unwrap(),
            run.measurements[0].rounds[0].times[0].wall_s
        );
    }

    #[test]
    fn an_arm_says_in_each_line_what_its_rounds_say_together() {
        let text = text(&fixture::sweep());
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();

        let of_arm = |workload: &str, engine: &str, workers: &str| {
            let is_asked = |record: &&csv::StringRecord| {
                let key = ["workload", "engine", "workers"].map(|name| &record[column(name)]);
                key == [workload, engine, workers]
            };
            records.iter().find(is_asked).unwrap()
        };
        let recommended = |record: &csv::StringRecord| record[column("recommended")].to_owned();
        let pool = of_arm("fib", "pool", "2");
        assert_eq!(recommended(pool), "yes");
        assert_eq!(&pool[column("verdict")], "pays");
        assert!(pool[column("speedup_low")].starts_with("1.9"));
        assert!(pool[column("efficiency_high")].starts_with("0.9"));
        assert!(pool[column("serial_fraction")].starts_with("0.0"));
        assert_eq!(&pool[column("scale")], "1");
        assert!(pool[column("gain_over_fewer")].starts_with("1.9"));
        assert_eq!(&pool[column("law")], "");
        assert!(!pool[column("reserved_core_s")].is_empty());
        assert_eq!(&pool[column("cheapest")], "no");
        assert_eq!(&of_arm("fib", "serial", "1")[column("cheapest")], "yes");
        assert_eq!(recommended(of_arm("fib", "serial", "1")), "no");
        assert_eq!(recommended(of_arm("image", "serial", "1")), "yes");
    }

    #[test]
    fn every_arm_of_a_curve_has_its_law() {
        let law = |workers: f64| 0.9 / workers + 0.1;
        let run = fixture::of(vec![measurement(&[1, 2, 4], 8, law, 3)]);
        let text = text(&run);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let value = |record: &csv::StringRecord, name: &str| {
            let column = headers.iter().position(|header| header == name).unwrap();
            record[column].to_owned()
        };

        for record in reader.records().map(Result::unwrap) {
            if value(&record, "engine") == "pool" {
                assert_eq!(value(&record, "law"), "amdahl");
                assert!(value(&record, "sigma").starts_with("0.1"), "{record:?}");
                assert_eq!(value(&record, "kappa"), "");
            }
        }
    }

    #[test]
    fn while_nothing_is_certain_no_arm_is_recommended() {
        let mut run = fixture::of(vec![measurement(&[2], 12, |_| 0.97, 5)]);
        for round in run.measurements[0].rounds.iter_mut().step_by(2) {
            round.times[1].wall_s *= 0.6;
        }
        let text = text(&run);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let column = headers.iter().position(|header| header == "recommended");

        for record in reader.records().map(Result::unwrap) {
            assert_eq!(&record[column.unwrap()], "");
        }
    }

    #[test]
    fn a_run_without_rounds_is_the_header() {
        let mut run = fixture::run();
        run.measurements.clear();

        let text = text(&run);
        assert_eq!(text.lines().count(), 1);
        assert!(text.starts_with("workload,params,tasks,"), "{text}");
    }
}
