//! Whether all arms found the same in every round, and what that is.

use serde_json::Value;

use crate::results::{answer_difference, common, masked};

/// The answer of one pass.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// The arm.
    pub(super) arm: usize,
    /// The round, counted from 0.
    pub(super) round: u32,
    pub(super) answer: Value,
}

/// An answer that differs from what the others found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Disagreement {
    /// The arm that found it.
    pub(super) arm: usize,
    /// The round, counted from 0.
    pub(super) round: u32,
    /// Where the first difference is.
    pub(super) difference: String,
}

/// Who has to find the same as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Every arm as the first one.
    Identical,
    /// Every arm as the first two passes of an arm have in common, which is named for each: another
    /// command may write something else, and so may a program with another number of workers.
    RepeatsOf(Vec<usize>),
}

/// The answers of all arms so far.
#[derive(Clone, Debug)]
pub(super) struct Agreements {
    /// One for all arms, or several.
    all: Vec<Agreement>,
    /// Which of them each arm has to keep.
    places: Vec<usize>,
    labels: Vec<String>,
}

impl Agreements {
    /// The answers by `rule` of the arms that are called `labels`, where `known` is what they must
    /// find, if anything is.
    pub(super) fn new(rule: Rule, labels: Vec<String>, known: Option<&Value>) -> Self {
        let Rule::RepeatsOf(firsts) = rule else {
            return Self {
                all: vec![Agreement::exact(known.cloned())],
                places: vec![0; labels.len()],
                labels,
            };
        };

        let mut deciding: Vec<usize> = firsts.clone();
        deciding.sort_unstable();
        deciding.dedup();
        let is_one_answer = deciding.len() == 1;
        let agreement = |&first: &usize| {
            let known = if is_one_answer {
                known
            } else {
                known.and_then(|known| known.get(&labels[first]))
            };
            Agreement::of_two(known.cloned(), first)
        };
        let place = |first: &usize| deciding.binary_search(first).unwrap_or_default();
        Self {
            all: deciding.iter().map(agreement).collect(),
            places: firsts.iter().map(place).collect(),
            labels,
        }
    }

    /// What all have found so far: of each arm by its name, where each has an answer of its own.
    /// `None` before the first answer.
    pub(super) fn answer(&self) -> Option<Value> {
        if let [agreement] = &self.all[..] {
            return agreement.answer();
        }

        let labels = self.labels.iter().cloned();
        let answers = labels
            .zip(&self.places)
            .filter_map(|(label, &place)| Some((label, self.all[place].answer()?)));
        let answers: serde_json::Map<String, Value> = answers.collect();
        (!answers.is_empty()).then_some(Value::Object(answers))
    }

    /// Compares `found` with what was found before it.
    pub(super) fn check(&mut self, found: Found) -> Result<(), Disagreement> {
        let place = self.places.get(found.arm).copied().unwrap_or_default();

        self.all[place].check(found)
    }
}

/// The answers of arms that must find the same.
#[derive(Clone, Debug)]
struct Agreement {
    /// What every arm must find.
    expected: Option<Value>,
    /// The arm whose first two passes decide what that is, where passes may differ from each other:
    /// `null` may then be anything.
    decides: Option<usize>,
    /// What was found before they did.
    waiting: Vec<Found>,
}

impl Agreement {
    /// Every arm must find `expected`, or else what the first one finds.
    fn exact(expected: Option<Value>) -> Self {
        Self {
            expected,
            decides: None,
            waiting: Vec::new(),
        }
    }

    /// Every arm must find `expected`, or else what the first two passes of the arm `reference`
    /// have in common.
    fn of_two(expected: Option<Value>, reference: usize) -> Self {
        Self {
            decides: Some(reference),
            ..Self::exact(expected)
        }
    }

    /// What all have found so far; `None` before the first answer.
    fn answer(&self) -> Option<Value> {
        let first = self.waiting.first().map(|first| &first.answer);

        self.expected.as_ref().or(first).cloned()
    }

    /// Compares `found` with what was found before it.
    fn check(&mut self, found: Found) -> Result<(), Disagreement> {
        if let Some(expected) = &self.expected {
            return self.compare(expected, &found);
        }

        let first = match self.decides {
            None => Some(found.answer.clone()),
            Some(reference) if found.arm == reference => {
                let mut waiting = self.waiting.iter();
                waiting
                    .find(|other| other.arm == reference)
                    .map(|other| common(&other.answer, &found.answer))
            }
            Some(_) => None,
        };
        self.waiting.push(found);
        if let Some(expected) = first {
            let waiting = std::mem::take(&mut self.waiting);
            let agreement = waiting
                .iter()
                .try_for_each(|answer| self.compare(&expected, answer));
            self.expected = Some(expected);
            return agreement;
        }
        Ok(())
    }

    fn compare(&self, expected: &Value, found: &Found) -> Result<(), Disagreement> {
        let difference = match self.decides {
            Some(_) => answer_difference(expected, &masked(&found.answer, expected)),
            None => answer_difference(expected, &found.answer),
        };

        match difference {
            None => Ok(()),
            Some(difference) => Err(Disagreement {
                arm: found.arm,
                round: found.round,
                difference,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(arm: usize, round: u32, answer: Value) -> Found {
        Found { arm, round, answer }
    }

    #[test]
    fn each_command_has_an_answer_of_its_own_for_all_of_its_arms() {
        let labels = ["serial", "pool 2", "vs-serial 1", "vs-pool 2"];
        let labels = labels.map(str::to_owned).to_vec();
        let rule = Rule::RepeatsOf(vec![0, 0, 2, 2]);
        let mut agreements = Agreements::new(rule, labels, None);
        for round in 0..2 {
            for (arm, answer) in [(0, 1), (1, 1), (2, 7), (3, 7)] {
                assert_eq!(agreements.check(found(arm, round, json!([answer]))), Ok(()));
            }
        }

        let answer = agreements.answer().unwrap();
        assert_eq!(answer["pool 2"], json!([1]));
        assert_eq!(answer["vs-pool 2"], json!([7]));
        let error = agreements.check(found(1, 2, json!([2]))).unwrap_err();
        assert_eq!((error.arm, error.round), (1, 2));
        assert!(agreements.check(found(3, 2, json!([1]))).is_err());
    }

    #[test]
    fn exact_answers_are_compared_with_the_first_one() {
        let mut agreement = Agreement::exact(None);
        assert_eq!(agreement.answer(), None);
        assert_eq!(agreement.check(found(1, 0, json!([1, 2]))), Ok(()));
        assert_eq!(agreement.answer(), Some(json!([1, 2])));

        let error = agreement.check(found(0, 0, json!([1, 3]))).unwrap_err();
        assert_eq!(
            error,
            Disagreement {
                arm: 0,
                round: 0,
                difference: "answer[1] is 2 and 3".to_owned()
            }
        );
        let mut known = Agreement::exact(Some(json!([7])));
        assert!(known.check(found(0, 0, json!([1]))).is_err());

        let mut nothing = Agreement::exact(None);
        assert_eq!(nothing.check(found(0, 0, json!({"best": null}))), Ok(()));
        let error = nothing.check(found(1, 0, json!({"best": 3}))).unwrap_err();
        assert_eq!(error.difference, "answer.best is null and 3");
    }

    #[test]
    fn what_two_serial_passes_agree_on_is_compared_and_the_rest_is_not() {
        let mut agreement = Agreement::of_two(None, 0);
        assert_eq!(agreement.check(found(1, 0, json!(["a", 5]))), Ok(()));
        assert_eq!(agreement.check(found(0, 0, json!(["a", 1]))), Ok(()));
        assert_eq!(agreement.check(found(0, 1, json!(["a", 2]))), Ok(()));
        assert_eq!(agreement.answer(), Some(json!(["a", null])));

        assert_eq!(agreement.check(found(1, 1, json!(["a", 6]))), Ok(()));
        let error = agreement.check(found(1, 2, json!(["b", 6]))).unwrap_err();
        assert_eq!(error.difference, "answer[0] is \"a\" and \"b\"");
    }

    #[test]
    fn what_came_before_two_serial_passes_is_compared_as_well() {
        let mut agreement = Agreement::of_two(None, 0);
        assert_eq!(agreement.check(found(1, 0, json!(["b"]))), Ok(()));
        assert_eq!(agreement.check(found(0, 0, json!(["a"]))), Ok(()));

        let error = agreement.check(found(0, 1, json!(["a"]))).unwrap_err();
        assert_eq!((error.arm, error.round), (1, 0));
    }

    #[test]
    fn arms_with_own_answers_are_compared_with_themselves() {
        let labels = ["own 1", "own 2"].map(str::to_owned).to_vec();
        let mut agreements = Agreements::new(Rule::RepeatsOf(vec![0, 1]), labels, None);
        assert_eq!(agreements.answer(), None);
        for round in 0..2 {
            assert_eq!(agreements.check(found(0, round, json!({"x": 1}))), Ok(()));
            assert_eq!(agreements.check(found(1, round, json!({"x": 2}))), Ok(()));
        }
        assert_eq!(
            agreements.answer(),
            Some(json!({"own 1": {"x": 1}, "own 2": {"x": 2}}))
        );
        assert!(agreements.check(found(1, 2, json!({"x": 1}))).is_err());

        let known = json!({"own 1": 5});
        let labels = vec!["own 1".to_owned(), "own 2".to_owned()];
        let mut agreements = Agreements::new(Rule::RepeatsOf(vec![0, 1]), labels, Some(&known));
        assert!(agreements.check(found(0, 0, json!(6))).is_err());
    }
}
