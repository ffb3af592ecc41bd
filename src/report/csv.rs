//! One flat line per round, for spreadsheets and data frames. Samples only: whoever reads them derives the
//! figures that they want.

use std::io::{self, Write};

use serde_json::Value;

use super::Exporter;
use crate::printable::{self, printable};
use crate::results::{CpuUse, Measurement, Order, Round, Run};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "csv",
    extension: "csv",
    about: "One line per round, for spreadsheets and data frames.",
    write,
};

const HEADER: [&str; 31] = [
    "workload",
    "tasks",
    "engine",
    "workers",
    "unit",
    "work",
    "round",
    "cold",
    "order",
    "serial_s",
    "distributed_s",
    "speedup",
    "arithmetic_s",
    "memory_s",
    "handoff_s",
    "granted_cores",
    "task_overhead_s",
    "serial_user_s",
    "serial_system_s",
    "serial_preemptions",
    "serial_waited_s",
    "distributed_user_s",
    "distributed_system_s",
    "distributed_preemptions",
    "distributed_waited_s",
    "disturbed",
    "startup_s",
    "params",
    "other_cores",
    "stopped",
    "left_out",
];

fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let mut lines = csv::Writer::from_writer(to);
    lines.write_record(HEADER)?;
    for measurement in &run.measurements {
        for (index, round) in measurement.rounds.iter().enumerate() {
            lines.write_record(line(measurement, index, round))?;
        }
    }
    lines.flush()
}

/// A round's fields, in the order of [`HEADER`]. Rounds count from 1, as people do.
fn line(measurement: &Measurement, index: usize, round: &Round) -> [String; HEADER.len()] {
    let Measurement {
        workload,
        params,
        tasks,
        engine,
        workers,
        work,
        startup_s,
        answer: _,
        rounds: _,
        task_bytes: _,
        memory_bytes: _,
        placement,
    } = measurement;

    // This machine's cores are not those that did the work of a cluster.
    let granted_cores = if placement.elsewhere {
        String::new()
    } else {
        number(round.calibration.granted_cores)
    };
    let order = match round.order {
        Order::SerialFirst => "serial-first",
        Order::DistributedFirst => "distributed-first",
    };
    let [
        serial_user,
        serial_system,
        serial_preemptions,
        serial_waited,
    ] = cpu(round.serial_cpu);
    let [
        distributed_user,
        distributed_system,
        distributed_preemptions,
        distributed_waited,
    ] = cpu(round.distributed_cpu);
    [
        printable(workload).into_owned(),
        tasks.to_string(),
        printable(engine).into_owned(),
        workers.to_string(),
        printable(&work.unit).into_owned(),
        work.amount.to_string(),
        (index + 1).to_string(),
        round.cold.to_string(),
        order.to_owned(),
        number(round.serial_s),
        number(round.distributed_s),
        number(round.speedup()),
        number(round.calibration.arithmetic_s),
        number(round.calibration.memory_s),
        round.calibration.handoff_s.map_or_else(String::new, number),
        granted_cores,
        number(round.task_overhead_s),
        serial_user,
        serial_system,
        serial_preemptions,
        serial_waited,
        distributed_user,
        distributed_system,
        distributed_preemptions,
        distributed_waited,
        round.disturbed().to_string(),
        number(*startup_s),
        printable::json(params.to_string()),
        round
            .machine
            .other_programs
            .map_or_else(String::new, |others| number(others.cores)),
        round.machine.stopped.to_string(),
        (index + 1 == measurement.rounds.len() && measurement.leaves_a_round_out()).to_string(),
    ]
}

/// User seconds, system seconds, involuntary context switches, seconds without a CPU; empty where the system did not tell.
fn cpu(cpu: Option<CpuUse>) -> [String; 4] {
    cpu.map_or_else(Default::default, |cpu| {
        [
            number(cpu.user_s),
            number(cpu.system_s),
            cpu.preemptions.to_string(),
            cpu.waited_s.map_or_else(String::new, number),
        ]
    })
}

/// The shortest digits that read back as the same number, as the JSON has them.
fn number(value: f64) -> String {
    Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
        assert_eq!(reader.headers().unwrap(), HEADER.as_slice());
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
        assert_eq!(text(&run), format!("{}\n", HEADER.join(",")));
    }
}
