//! What other programs used while rounds ran. The system counts in hundredths of a second, so a
//! short round alone says nothing: its figure is that of the last rounds that are long enough
//! together. Time between rounds does not count, because another program may be having its turn
//! then.

use std::collections::VecDeque;
use std::time::Duration;

use crate::machine::{Counters, OtherPrograms};

/// Two CPUs' counters are off by two ticks at most: less than a tenth of a core over this.
const LONG_ENOUGH: Duration = Duration::from_millis(250);
/// Below this, ticks would be all that there is to see.
const SHORTEST: Duration = Duration::from_millis(100);

/// The stretches of the last rounds.
#[derive(Debug, Default)]
pub(super) struct Neighbours(VecDeque<Stretch>);

/// The counters at both ends of a stretch of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) wall: Duration,
    pub(super) before: Counters,
    pub(super) after: Counters,
}

impl Neighbours {
    /// What other programs used in `stretch`, and in as many stretches before it as it takes to
    /// know.
    pub(super) fn during(&mut self, stretch: Stretch) -> Option<OtherPrograms> {
        self.0.push_back(stretch);
        let wall_of_all: Duration = self.0.iter().map(|stretch| stretch.wall).sum();
        let mut spare = wall_of_all.saturating_sub(LONG_ENOUGH);
        while let Some(oldest) = self.0.front().filter(|oldest| oldest.wall <= spare) {
            spare -= oldest.wall;
            self.0.pop_front();
        }

        let wall: Duration = self.0.iter().map(|stretch| stretch.wall).sum();
        if wall < SHORTEST {
            return None;
        }
        // The sum of differences is the difference of sums.
        let before = summed(self.0.iter().map(|stretch| stretch.before))?;
        let after = summed(self.0.iter().map(|stretch| stretch.after))?;
        OtherPrograms::between(&before, &after, wall)
    }
}

/// Readings added up; `None` where one does not know what the others do.
fn summed(mut readings: impl Iterator<Item = Counters>) -> Option<Counters> {
    let mut sum = readings.next()?;
    for reading in readings {
        let (processors, other) = (sum.processors.as_mut()?, reading.processors?);
        processors.busy += other.busy;
        processors.steal += other.steal;
        sum.family = Some(sum.family? + reading.family?);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::ProcessorTime;

    fn counters(busy: u64, family: u64) -> Counters {
        let processors = ProcessorTime {
            cpus: 2,
            busy: Duration::from_millis(busy),
            steal: Duration::ZERO,
        };
        Counters {
            processors: Some(processors),
            family: Some(Duration::from_millis(family)),
            ..Counters::default()
        }
    }

    fn stretch(wall: u64, busy: u64, family: u64) -> Stretch {
        let wall = Duration::from_millis(wall);
        Stretch {
            wall,
            before: counters(70, 50),
            after: counters(70 + busy, 50 + family),
        }
    }

    #[test]
    fn short_rounds_are_looked_at_together() {
        let mut neighbours = Neighbours::default();
        // 20 ms each, in which others use 0.5 of a core and the counter moves in whole ticks.
        let cores: Vec<_> = (0..20)
            .map(|round| neighbours.during(stretch(20, if round % 2 == 0 { 10 } else { 30 }, 10)))
            .map(|others| others.map(|others| others.cores))
            .collect();
        assert_eq!(cores[..4], [None; 4], "80 ms are too short");
        assert!((cores[5].unwrap() - 0.5).abs() < 1e-9);
        assert!(
            cores[12..]
                .iter()
                .all(|cores| (cores.unwrap() - 0.5).abs() < 0.05),
            "{cores:?}"
        );
    }

    #[test]
    fn a_long_round_speaks_for_itself() {
        let mut neighbours = Neighbours::default();
        assert_eq!(
            neighbours.during(stretch(1000, 1700, 400)).unwrap().cores,
            1.3
        );
        assert_eq!(
            neighbours.during(stretch(1000, 400, 400)).unwrap().cores,
            0.0,
            "the past is over"
        );
        assert_eq!(neighbours.0.len(), 1);
    }

    #[test]
    fn what_the_system_does_not_tell_is_unknown() {
        let mut neighbours = Neighbours::default();
        let unknown = Stretch {
            before: Counters::default(),
            ..stretch(1000, 1, 1)
        };
        assert_eq!(neighbours.during(unknown), None);
        assert_eq!(
            neighbours.during(stretch(100, 1, 1)),
            None,
            "and so is what is added to it"
        );
    }
}
