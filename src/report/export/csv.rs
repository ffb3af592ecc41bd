//! One flat line for each arm of each round, for spreadsheets and data frames. Samples only:
//! figures are left to the reader's own tools.

use std::io::{self, Write};

use serde::Serialize;

use super::exporter::Exporter;
use crate::printable::{self, printable};
use crate::results::{Measurement, Pair, Round, Run};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "csv",
    extension: "csv",
    about: "One line per arm and round, for spreadsheets and data frames.",
    write,
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
}

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let mut lines = csv::WriterBuilder::new().has_headers(false).from_writer(to);
    lines.write_record(header()?.iter())?;

    for measurement in &run.measurements {
        for (number, round) in (1..).zip(&measurement.rounds) {
            for arm in 0..measurement.arms.len() {
                lines.serialize(line(measurement, number, round, arm))?;
            }
        }
    }
    lines.flush()
}

/// The names of a line's fields. Serde writes them with the first line, and a run may
/// have no line.
fn header() -> io::Result<csv::StringRecord> {
    let mut lines = csv::Writer::from_writer(Vec::new());
    lines.serialize(Line::default())?;
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
        preemptions: time.cpu.map(|cpu| cpu.preemptions),
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
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
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
        workload,params,tasks,unit,work,engine,workers,startup_s,round,cold,left_out,place,wall_s,speedup,dispatch_s,busy_total_s,busy_busiest_s,user_s,system_s,preemptions,waited_s,passes,arithmetic_s,memory_s,handoff_s,granted_cores,other_cores,stopped,disturbed
        fib,"{""n"":10000,""tasks"":8}",8,terms,10000,serial,1,0.0012,1,true,false,1,1.2957,,,,,1.256829,0.025914000000000003,3,0.001,,0.00062,0.0005,1.1e-7,0.97,0.03,false,false
        fib,"{""n"":10000,""tasks"":8}",8,terms,10000,pool,2,0.0012,1,true,false,2,0.7812,1.6586021505376345,3.1e-7,1.321614,0.6672855000000001,1.515528,0.031248,3,0.001,,0.00062,0.0005,1.1e-7,1.94,0.03,false,false
        fib,"{""n"":10000,""tasks"":8}",8,terms,10000,serial,1,0.0012,2,false,false,1,1.19698,,,,,1.1610706,0.0239396,3,0.001,,0.00062,0.0005,1.1e-7,0.97,0.03,false,false
        fib,"{""n"":10000,""tasks"":8}",8,terms,10000,pool,2,0.0012,2,false,false,2,0.639282,1.8723818283636953,3.1e-7,1.2209196,0.6164447,1.24020708,0.025571280000000002,3,0.001,,0.00062,0.0005,1.1e-7,1.94,0.03,false,false
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
        assert_eq!(reader.headers().unwrap().len(), 29);
        let first = reader.records().next().unwrap().unwrap();
        assert_eq!(&first[0], "odd, \"name\"\\r\\n");
        assert_eq!(serde_json::from_str::<Value>(&first[1]).unwrap(), params);
        assert_eq!(
            first[12].parse::<f64>().unwrap(),
            run.measurements[0].rounds[0].times[0].wall_s
        );
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
