//! What the pool remembers of its tasks.

use super::*;

#[test]
fn every_task_leaves_one_span_in_order() {
    let pool = pool(2);
    let refs: Vec<_> = (0..100)
        .map(|i| pool.task(format!("t{i}")).submit(|| ()).unwrap())
        .collect();
    let panicked = pool
        .task("bad")
        .submit(|| -> () { panic!("on purpose") })
        .unwrap();

    assert!(panicked.get().is_err());

    get_all(refs).unwrap();
    let Spans { kept, dropped } = pool.take_spans();

    assert_eq!((kept.len(), dropped), (101, 0));
    assert!(
        kept.iter()
            .all(|span| span.queued <= span.started && span.started <= span.finished)
    );
    assert!(kept.is_sorted_by_key(|span| span.started));
    assert!(
        kept.iter().all(|span| span.worker < 2),
        "nobody waited, so there are two numbers"
    );

    let mut names: Vec<_> = kept.into_iter().map(|span| span.name).collect();
    names.sort();
    names.dedup();

    assert_eq!(names.len(), 101);
    assert_eq!(pool.take_spans(), Spans::default());
}

#[test]
fn the_span_is_there_before_the_result() {
    let pool = pool(2);
    for _ in 0..1000 {
        pool.submit(|| ()).unwrap().get().unwrap();

        assert_eq!(pool.take_spans().kept.len(), 1);
    }
}

#[test]
fn spans_of_tasks_on_top_of_one_another_nest() {
    let pool = pool(1);
    let handle = pool.handle();
    let outer = pool
        .task("outer")
        .submit(move || handle.task("inner").submit(|| ()).unwrap().get().unwrap());
    outer.unwrap().get().unwrap();
    let kept = pool.take_spans().kept;
    let [outer, inner] = &kept[..] else {
        panic!("{kept:?}")
    };

    assert_eq!(
        (&*outer.name, &*inner.name, outer.worker, inner.worker),
        ("outer", "inner", 0, 0)
    );
    assert!(outer.started <= inner.started && inner.finished <= outer.finished);
}

#[test]
fn spans_beyond_the_limit_are_counted() {
    let pool = builder(1).span_limit(2).build().unwrap();
    let refs: Vec<_> = (0..5).map(|_| pool.submit(|| ()).unwrap()).collect();
    get_all(refs).unwrap();
    let spans = pool.take_spans();

    assert_eq!((spans.kept.len(), spans.dropped), (2, 3));
}

#[test]
fn a_span_has_the_place_of_its_task_in_the_batch() {
    let pool = pool(2);
    get_all(pool.submit_all((0..200).map(|i| move || i)).unwrap()).unwrap();
    get_all(pool.task("named").submit_all([|| (); 3]).unwrap()).unwrap();
    pool.submit(|| ()).unwrap().get().unwrap();
    pool.task("alone").submit(|| ()).unwrap().get().unwrap();

    let spans = pool.take_spans().kept;
    let indices = |names: &dyn Fn(&str) -> bool| {
        let mut indices: Vec<_> = spans
            .iter()
            .filter(|span| names(&span.name))
            .map(|span| span.index)
            .collect();
        indices.sort_unstable();
        indices
    };

    assert_eq!(indices(&|name| name == "named"), [0, 1, 2]);
    assert_eq!(
        indices(&|name| name == "alone" || name == "task 204"),
        [0, 0]
    );

    let numbered = spans.iter().filter(|span| span.name != "task 204");
    let numbered = numbered.filter_map(|span| {
        let number = span.name.strip_prefix("task ")?.parse::<usize>().ok()?;
        Some((number - 1, span.index))
    });

    assert!(numbered.clone().all(|(number, index)| number == index));
    assert_eq!(numbered.count(), 200);
}

#[test]
fn times_count_from_the_pools_start_and_from_that_of_the_batch() {
    let before = Instant::now();
    let pool = pool(2);

    assert!(before <= pool.epoch() && pool.epoch() <= Instant::now());

    let before = pool.epoch().elapsed();
    get_all(pool.submit_all((0..200).map(|i| move || i)).unwrap()).unwrap();
    let after = pool.epoch().elapsed();

    let spans = pool.take_spans().kept;
    let queued = spans[0].queued;

    assert!(spans.iter().all(|span| span.queued == queued));
    assert!(before <= queued);
    assert!(spans.iter().all(|span| span.finished <= after));
}
