//! What tells measurements of one workload apart: the parameters in which they differ, or else
//! their engines.

use serde_json::Value;

use super::{Measurement, Pair, Run};

impl Measurement {
    /// What reports call it: the function that it calls, or else its workload.
    #[must_use]
    pub fn subject(&self) -> &str {
        let function = self.params.get("function").and_then(Value::as_str);
        let name = function.and_then(|function| Some(function.rsplit_once(':')?.1));

        name.filter(|_| !self.functions.is_empty())
            .unwrap_or(&self.workload)
    }
}

impl Run {
    /// The parameters of `measurement` that other measurements of the same workload in this run do
    /// not share, as `steps 1024`; its engines, as `on ray`, where the parameters are the same;
    /// `None` where it is the only one of its workload.
    #[must_use]
    pub fn variant(&self, measurement: &Measurement) -> Option<String> {
        let is_another = |other: &&Measurement| {
            other.subject() == measurement.subject() && !std::ptr::eq(*other, measurement)
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
