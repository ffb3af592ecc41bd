//! Levels that were left and reached again.

use super::*;

#[test]
fn a_level_that_came_back_does_not_hide_that_it_is_there_again() {
    for now in 57..60 {
        let slow = |run: usize| match run {
            20..32 => 1.4,
            _ if run >= now => 1.3,
            _ => 1.0,
        };
        let judged = arm(&factors(60, slow));

        // Of fewer than three runs nobody knows.
        match judged.standing.why {
            Why::Worse(episode) => assert_eq!((now, episode.from), (57, 57)),
            Why::Open { runs, .. } => assert_eq!((runs, runs < 3), (60 - now, true)),
            other => panic!("{now}: {other:?}"),
        }
        assert_eq!(judged.episodes[0].from, 20);
        assert_eq!(judged.episodes[1].from, 32);
    }
}
