//! Counts of slots beyond what any machine has: none may run into the next one.

use crate::slots::{Slots, Wait};

/// Has `count` tasks begin, each of which blocks.
fn block(slots: &Slots, wait: Wait, count: u64) {
    for _ in 0..count {
        let start = slots.offer();

        assert!(start.is_some(), "nobody runs, so one more may start");

        slots.block(wait);
    }
}

#[test]
fn more_blocked_tasks_than_sixteen_bits_count_are_counted_apart() {
    let slots = Slots::new(2, 66);
    block(&slots, Wait::Inside, 70_000);

    assert_eq!(slots.now().threads(), 70_000);
    assert!(
        slots.now().is_stuck(),
        "all of them wait for tasks of this pool"
    );

    block(&slots, Wait::Outside, 70_000);

    assert_eq!(slots.now().threads(), 140_000);
    assert!(!slots.now().is_stuck());

    for _ in 0..70_000 {
        slots.unblock(Wait::Inside);
    }

    assert_eq!(slots.now().threads(), 140_000);
    assert!(
        slots.offer().is_none(),
        "more tasks run than there are slots"
    );
    assert!(slots.retire());
}

#[test]
fn a_full_field_refuses_the_next_runner_instead_of_overflowing() {
    let slots = Slots::new(u64::MAX, u64::MAX);
    let started = (0..1 << 22).take_while(|_| slots.offer().is_some()).count() as u64;

    assert_eq!(
        (started, slots.now().threads()),
        ((1 << 21) - 1, (1 << 21) - 1)
    );
    assert!(!slots.now().is_stuck());

    assert!(
        slots.start_seeking(),
        "a runner that seeks is counted apart"
    );
    assert!(!slots.start_seeking());

    slots.stop_seeking();

    assert_eq!(slots.now().threads(), started);
}
