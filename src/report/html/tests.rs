//! What holds of every page, whatever its run.

mod hostile;
mod repeat;
mod sizes;

use std::path::PathBuf;

use super::EXPORTER;
use crate::report::exporter::NamedRun;
use crate::report::fixture;
use crate::results::{ClusterKind, Quick, Run};
use crate::run_file::in_page::run_of_page;

fn page(run: &Run) -> String {
    let mut bytes = Vec::new();
    (EXPORTER.write)(run, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn page_of_several(runs: &[NamedRun<'_>]) -> String {
    let mut bytes = Vec::new();
    EXPORTER.write_several.unwrap()(runs, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// What stands between `start` and the next `end`, for each `start`.
fn between<'a>(page: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let parts = page.split(start).skip(1);
    parts.map(|part| part.split(end).next().unwrap()).collect()
}

/// The page without the runs in it, whose text is not markup.
fn markup(page: &str) -> String {
    let mut markup = String::new();
    for (place, part) in page.split("<script type=\"").enumerate() {
        let text = if place == 0 {
            part
        } else {
            part.split_once("</script>").unwrap().1
        };
        markup.push_str(text);
    }
    markup
}

/// The run in the element with this `id`, as a reader of the page finds it.
fn embedded(page: &str, id: &str) -> String {
    let mut elements = between(page, "<script type=\"", "</script>").into_iter();
    let element = elements.find(|element| element.contains(&format!("id=\"{id}\"")));
    let alone = format!(
        "<!DOCTYPE html><script type=\"{}</script>",
        element.unwrap()
    );

    let json = run_of_page(alone.as_bytes()).unwrap().unwrap();
    String::from_utf8(json).unwrap().trim_end().to_owned()
}

/// What a browser makes of the link's address: HTML's references first, then the address's own.
fn linked(page: &str) -> Option<String> {
    let address = *between(page, "href='data:application/json,", "'").first()?;
    let address = address.replace("&#39;", "'").replace("&amp;", "&");
    Some(
        address
            .replace("%23", "#")
            .replace("%0A", "\n")
            .replace("%25", "%"),
    )
}

/// The runs of every fixture, and the pages of several at once.
fn every_page() -> Vec<String> {
    let (first, second) = (fixture::compared(), fixture::compared());
    let compared = [("a.json", &first), ("b.json", &second)];
    let compared = compared.map(|(name, run)| NamedRun { name, run });

    let mut pages: Vec<String> = fixture::every_run().iter().map(page).collect();
    pages.push(page_of_several(&compared));
    pages
}

#[test]
fn ids_are_unique_and_everything_that_refers_to_one_finds_it() {
    for page in every_page() {
        let page = markup(&page);
        let ids = between(&page, " id=\"", "\"");
        for (place, id) in ids.iter().enumerate() {
            assert!(!ids[..place].contains(id), "{id} is there twice");
        }

        let labels = between(&page, "aria-labelledby=\"", "\"").into_iter();
        let labels = labels.flat_map(|labels| labels.split(' '));
        let links = between(&page, "href=\"#", "\"").into_iter().chain(labels);
        let links: Vec<&str> = links.collect();
        assert!(links.len() > 5);
        for link in links {
            assert!(ids.contains(&link) || link.starts_with("run"), "{link}");
        }
    }
}

#[test]
fn headings_begin_with_one_of_the_first_rank_and_leave_none_out() {
    for page in every_page() {
        let page = markup(&page);
        let ranks: Vec<u32> = page
            .match_indices("<h")
            .filter_map(|(at, _)| page[at + 2..].chars().next()?.to_digit(10))
            .collect();

        assert_eq!(ranks[0], 1);
        assert_eq!(ranks.iter().filter(|rank| **rank == 1).count(), 1);
        assert!(
            ranks.windows(2).all(|pair| pair[1] <= pair[0] + 1),
            "{ranks:?}"
        );
    }
}

#[test]
fn the_embedded_run_is_the_run_in_the_element_and_in_the_link() {
    for run in fixture::every_run() {
        let page = page(&run);
        let json = embedded(&page, "run");
        assert_eq!(serde_json::from_str::<Run>(&json).unwrap(), run);
        if let Some(linked) = linked(&page) {
            assert_eq!(linked, json + "\n");
        }
    }
}

#[test]
fn when_tasks_ran_is_left_out_and_said_so() {
    let mut run = fixture::run();
    let span = crate::results::Span {
        task: 0,
        worker: 0,
        node: None,
        start_s: 0.0,
        end_s: 0.5,
    };
    run.measurements[0].rounds[1].times[1].spans = vec![span; 7];

    let page = page(&run);
    let stored: Run = serde_json::from_str(&embedded(&page, "run")).unwrap();
    let time = &stored.measurements[0].rounds[1].times[1];
    assert_eq!((time.spans.len(), time.spans_left_out), (0, 7));
    assert!(page.contains("When each task ran is left out here."));
}

#[test]
fn every_round_is_a_point_and_marked_ones_have_a_shape() {
    let mut run = fixture::run();
    run.measurements.truncate(1);
    let rounds = run.measurements[0].rounds.len();
    run.measurements[0].rounds[3].machine.steal = Some(0.031);
    run.measurements[0].rounds[4].machine.stopped = true;
    run.measurements[0].rounds[5].times[0].wall_s *= 7.0;

    let page = page(&run);
    let strips = between(&page, "<svg class=\"strip\"", "</figure>");
    assert_eq!(strips.len(), run.measurements[0].arms.len());
    let remarks = between(&page, "data-remarks=\"", "\"")[0].replace("&quot;", "\"");
    for strip in &strips {
        let (dots, marks) = (strip.matches("h0").count(), strip.matches("#mark-").count());
        let beyond = strip.matches("#mark-beyond").count();
        assert_eq!(dots + marks - beyond, rounds);
        for (mark, words) in [
            ("cold", "\"1\":\"cold\""),
            ("disturbed", "\"4\":\"3.1 % stolen by the hypervisor\""),
            ("stopped", "\"5\":\"stopped and continued\""),
        ] {
            let shape = format!("href=\"#mark-{mark}\"");
            assert_eq!(strip.matches(&shape).count(), 1, "{mark}");
            assert!(remarks.contains(words), "{words}");
        }
    }
    assert_eq!(strips[0].matches("#mark-beyond").count(), 1);
    assert!(strips[0].contains("<title>+5"), "{}", strips[0]);
    for words in [
        "the cold round",
        "stopped and continued",
        "beyond the strip",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("other programs were in the way"));
}

#[test]
fn headlines_say_what_pays() {
    let mut run = fixture::run();
    let headline = |run: &Run| between(&page(run), "<h1", "</h1>")[0].to_owned();

    assert!(
        headline(&run).ends_with(">Going parallel pays for fib and pi, does not pay for image")
    );
    assert!(headline(&fixture::compared()).ends_with("\"bad\">It got worse"));
    assert!(headline(&fixture::overhead()).ends_with(">What a task costs here"));
    assert!(headline(&fixture::sweep()).contains("pays in 4 of 6 cases"));
    for measurement in &mut run.measurements[1..] {
        measurement.rounds.truncate(5);
    }
    assert!(headline(&run).ends_with(">Going parallel pays for fib, unclear for pi and image"));
    run.measurements.remove(0);
    assert!(headline(&run).ends_with(">Unclear whether going parallel pays for pi and image"));
    run.measurements.clear();
    assert!(headline(&run).ends_with(">Nothing was measured"));
}

#[test]
fn a_page_asks_nobody_for_anything_and_its_script_is_small() {
    for page in every_page() {
        let page = markup(&page);
        for word in ["http://", "https://", " src=", "url(", "@import"] {
            let text = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains(word), "{word}");
        }
    }
    assert!(include_str!("../../../assets/report.js").len() < 10_000);
}
