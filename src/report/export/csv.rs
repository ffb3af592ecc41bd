//! One flat line per round, for spreadsheets and data frames. Samples only: figures are left to the reader's own tools.

use std::io::{self, Write};

use serde::Serialize;

use super::exporter::Exporter;
use crate::printable::{self, printable};
use crate::results::{CpuUse, Measurement, Order, Round, Run};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "csv",
    extension: "csv",
    about: "One line per round, for spreadsheets and data frames.",
    write,
};

/// A round, with the measurement that it belongs to. The fields' names are the header; what the system did not report
/// is an empty field.
#[derive(Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column")]
struct Line {
    workload: String,
    tasks: usize,
    engine: String,
    workers: usize,
    unit: String,
    work: u64,
    /// From 1, as people count.
    round: usize,
    cold: bool,
    order: &'static str,
    serial_s: f64,
    distributed_s: f64,
    speedup: f64,
    arithmetic_s: f64,
    memory_s: f64,
    handoff_s: Option<f64>,
    granted_cores: Option<f64>,
    task_overhead_s: f64,
    serial_user_s: Option<f64>,
    serial_system_s: Option<f64>,
    serial_preemptions: Option<u64>,
    serial_waited_s: Option<f64>,
    distributed_user_s: Option<f64>,
    distributed_system_s: Option<f64>,
    distributed_preemptions: Option<u64>,
    distributed_waited_s: Option<f64>,
    disturbed: bool,
    startup_s: f64,
    params: String,
    other_cores: Option<f64>,
    stopped: bool,
    left_out: bool,
}

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let mut lines = csv::WriterBuilder::new().has_headers(false).from_writer(to);
    lines.write_record(header()?.iter())?;

    for measurement in &run.measurements {
        for (index, round) in measurement.rounds.iter().enumerate() {
            lines.serialize(line(measurement, index, round))?;
        }
    }
    lines.flush()
}

/// The names of a line's fields. With serde they come with a line, and a run may have none.
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

fn line(measurement: &Measurement, index: usize, round: &Round) -> Line {
    let serial = round.serial_cpu;
    let distributed = round.distributed_cpu;
    let waited = |cpu: Option<CpuUse>| cpu.and_then(|cpu| cpu.waited_s);
    let number = index + 1;
    // This machine's cores are not those that did the work of a cluster.
    let is_here = !measurement.placement.elsewhere;

    Line {
        workload: printable(&measurement.workload).into_owned(),
        tasks: measurement.tasks,
        engine: printable(&measurement.engine).into_owned(),
        workers: measurement.workers,
        unit: printable(&measurement.work.unit).into_owned(),
        work: measurement.work.amount,
        round: number,
        cold: round.cold,
        order: match round.order {
            Order::SerialFirst => "serial-first",
            Order::DistributedFirst => "distributed-first",
        },
        serial_s: round.serial_s,
        distributed_s: round.distributed_s,
        speedup: round.speedup(),
        arithmetic_s: round.calibration.arithmetic_s,
        memory_s: round.calibration.memory_s,
        handoff_s: round.calibration.handoff_s,
        granted_cores: is_here.then_some(round.calibration.granted_cores),
        task_overhead_s: round.task_overhead_s,
        serial_user_s: serial.map(|cpu| cpu.user_s),
        serial_system_s: serial.map(|cpu| cpu.system_s),
        serial_preemptions: serial.map(|cpu| cpu.preemptions),
        serial_waited_s: waited(serial),
        distributed_user_s: distributed.map(|cpu| cpu.user_s),
        distributed_system_s: distributed.map(|cpu| cpu.system_s),
        distributed_preemptions: distributed.map(|cpu| cpu.preemptions),
        distributed_waited_s: waited(distributed),
        disturbed: round.disturbed(),
        startup_s: measurement.startup_s,
        params: printable::json(measurement.params.to_string()),
        other_cores: round.machine.other_programs.map(|others| others.cores),
        stopped: round.machine.stopped,
        left_out: number == measurement.rounds.len() && measurement.leaves_a_round_out(),
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
    fn one_line_per_round() {
        let mut run = fixture::run();
        run.measurements.truncate(1);
        run.measurements[0].rounds.truncate(3);
        insta::assert_snapshot!(text(&run), @r#"
        workload,tasks,engine,workers,unit,work,round,cold,order,serial_s,distributed_s,speedup,arithmetic_s,memory_s,handoff_s,granted_cores,task_overhead_s,serial_user_s,serial_system_s,serial_preemptions,serial_waited_s,distributed_user_s,distributed_system_s,distributed_preemptions,distributed_waited_s,disturbed,startup_s,params,other_cores,stopped,left_out
        fib,8,pool,2,terms,10000,1,true,serial-first,1.2957,0.7812,1.6586021505376345,0.00062,0.0005,1.1e-7,1.94,3.1e-7,1.256829,0.025914000000000003,3,0.001,1.515528,0.031248,3,0.001,false,0.0012,"{""n"":10000,""tasks"":8}",0.03,false,false
        fib,8,pool,2,terms,10000,2,false,serial-first,1.19698,0.639282,1.8723818283636953,0.00062,0.0005,1.1e-7,1.94,3.1e-7,1.1610706,0.0239396,3,0.001,1.24020708,0.025571280000000002,3,0.001,false,0.0012,"{""n"":10000,""tasks"":8}",0.03,false,false
        fib,8,pool,2,terms,10000,3,false,serial-first,1.204384,0.64350048,1.8716132115394846,0.00062,0.0005,1.1e-7,1.94,3.1e-7,1.1682524799999998,0.02408768,3,0.001,1.2483909312,0.025740019200000002,3,0.001,false,0.0012,"{""n"":10000,""tasks"":8}",0.03,false,false
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
        assert_eq!(reader.headers().unwrap().len(), 31);
        let first = reader.records().next().unwrap().unwrap();
        assert_eq!(&first[0], "odd, \"name\"\\r\\n");
        assert_eq!(serde_json::from_str::<Value>(&first[27]).unwrap(), params);
        assert_eq!(
            first[9].parse::<f64>().unwrap(),
            run.measurements[0].rounds[0].serial_s
        );
    }

    #[test]
    fn a_run_without_rounds_is_the_header() {
        let mut run = fixture::run();
        run.measurements.clear();

        let text = text(&run);
        assert_eq!(text.lines().count(), 1);
        assert!(text.starts_with("workload,tasks,engine,"), "{text}");
    }
}
