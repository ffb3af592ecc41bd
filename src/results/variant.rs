//! What tells measurements of one workload apart: the parameters in which they differ, or else
//! their engines.

use serde_json::Value;

use super::{Measurement, Pair, Run};

impl Run {
    /// The parameters of `measurement` that other measurements of the same workload in this run do
    /// not share, as `steps 1024`; its engines, as `on ray`, where the parameters are the same;
    /// `None` where it is the only one of its workload.
    #[must_use]
    pub fn variant(&self, measurement: &Measurement) -> Option<String> {
        let is_another = |other: &&Measurement| {
            other.workload == measurement.workload && !std::ptr::eq(*other, measurement)
        };
        let others: Vec<&Measurement> = self.measurements.iter().filter(is_another).collect();

        let differs = |name: &str, value: &Value| {
            others
                .iter()
                .any(|other| other.params.get(name) != Some(value))
        };
        let params = measurement.params.as_object().into_iter().flatten();
        let named = params.filter(|(name, value)| differs(name, value));
        let mut parts: Vec<String> = named
            .map(|(name, value)| match value.as_str() {
                Some(text) => format!("{name} {text}"),
                None => format!("{name} {value}"),
            })
            .collect();

        if others
            .iter()
            .any(|other| other.params == measurement.params)
        {
            let mut engines: Vec<&str> = measurement.pairs().map(Pair::engine).collect();
            engines.dedup();
            parts.push(format!("on {}", engines.join(" and ")));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}
