//! No circles of files and folders inside a folder of `src`: of two of them, one can be read without
//! the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::harness::repository;

/// The files and folders of one folder and which of them each one imports, by name.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The paths that the `use` declarations of `text` name, each as a list of its parts.
fn imported(text: &str) -> Vec<Vec<String>> {
    let declarations = text.split(';').filter_map(|part| {
        let start = part.rfind("use ")?;
        let is_alone = part[..start].ends_with(['\n', ' ']) || start == 0;
        is_alone.then(|| {
            part[start + "use ".len()..]
                .split_whitespace()
                .collect::<String>()
        })
    });

    declarations.flat_map(|tree| flattened(&tree)).collect()
}

/// The paths of a `use` tree without blanks: `a::{b,c::d}` is `a::b` and `a::c::d`.
fn flattened(tree: &str) -> Vec<Vec<String>> {
    let Some((prefix, rest)) = tree.split_once('{') else {
        let parts = tree
            .split("::")
            .map(|part| part.split(" as ").next().unwrap().to_owned());
        return vec![parts.collect()];
    };
    let prefix: Vec<String> = prefix
        .split("::")
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();

    let (mut paths, mut depth, mut branch) = (Vec::new(), 0, String::new());
    for letter in rest.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if (letter == ',' && depth == 0) || depth < 0 {
            paths.extend(
                flattened(&branch)
                    .into_iter()
                    .filter(|path| !path[0].is_empty()),
            );
            branch.clear();
            if depth < 0 {
                break;
            }
        } else {
            branch.push(letter);
        }
    }
    paths
        .into_iter()
        .map(|path| prefix.iter().cloned().chain(path).collect())
        .collect()
}

/// The code of a file without its comments and its unit tests; empty where there is no such file.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let text = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap()
        .to_owned();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));

    lines.collect::<Vec<_>>().join("\n")
}

/// Which file or folder of the folder of `parent` each name is defined in that `parent` takes from
/// there.
fn taken_up(parent: &str, nodes: &BTreeSet<String>) -> BTreeMap<String, String> {
    let paths = imported(parent).into_iter().filter_map(|path| {
        let path: Vec<String> = path
            .into_iter()
            .filter(|part| part != "self" && part != "crate")
            .collect();
        let (file, name) = (path.first()?.clone(), path.last()?.clone());
        (nodes.contains(&file) && path.len() > 1).then_some((name, file))
    });

    paths.collect()
}

/// The files of `folder` and of the folders in it, without tests, each with its module below
/// `module`.
fn files_below(folder: &Path, module: &[String]) -> Vec<(PathBuf, Vec<String>)> {
    let opened = code(&folder.join("mod.rs"));
    let is_for_tests =
        |name: &str| name == "tests" || opened.contains(&format!("#[cfg(test)]\nmod {name};"));
    let mut files = Vec::new();

    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = stem(&path);
        if is_for_tests(&name) {
            continue;
        }

        let inside = [module, std::slice::from_ref(&name)].concat();
        if path.is_dir() {
            files.extend(files_below(&path, &inside));
        } else if ["mod", "lib", "main"].contains(&name.as_str()) {
            files.push((path, module.to_vec()));
        } else {
            files.push((path, inside));
        }
    }

    files
}

/// The path of an import in a file of the module `own`, from the root of its crate on; `None` for one
/// from another crate.
fn absolute(path: &[String], own: &[String]) -> Option<Vec<String>> {
    let is_super = |part: &&String| *part == "super";
    let supers = path.iter().take_while(is_super).count();

    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([own, &path[1..]].concat()),
        "super" => Some([own.get(..own.len() - supers)?, &path[supers..]].concat()),
        _ => None,
    }
}

/// The imports among the files and folders of `folder`, whose module is `module` and is opened by
/// `parent`.
fn imports(folder: &Path, module: &[String], parent: &str) -> Imports {
    let files = files_below(folder, module);
    let node = |path: &[String]| path.get(module.len()).cloned();
    let nodes: BTreeSet<String> = files.iter().filter_map(|(_, own)| node(own)).collect();
    let names = taken_up(parent, &nodes);
    let mut imports = Imports::new();

    for (file, own) in &files {
        let Some(from) = node(own) else { continue };

        let targets = imported(&code(file)).into_iter().filter_map(|path| {
            let path = absolute(&path, own).filter(|path| path.starts_with(module))?;
            let inside = node(&path)?;
            let target = if nodes.contains(&inside) {
                inside
            } else {
                names.get(&inside)?.clone()
            };
            (target != from).then_some(target)
        });
        imports.entry(from.clone()).or_default().extend(targets);
    }

    imports
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// Files that reach themselves, in the order of the way.
fn circle(imports: &Imports) -> Option<Vec<String>> {
    fn search(imports: &Imports, way: &mut Vec<String>, seen: &mut BTreeSet<String>) -> bool {
        let last = way.last().unwrap().clone();
        for next in imports.get(&last).into_iter().flatten() {
            if let Some(start) = way.iter().position(|name| name == next) {
                way.drain(..start);
                return true;
            }
            if seen.insert(next.clone()) {
                way.push(next.clone());
                if search(imports, way, seen) {
                    return true;
                }
                way.pop();
            }
        }
        false
    }

    imports.keys().find_map(|first| {
        let mut way = vec![first.clone()];
        let mut seen = BTreeSet::from([first.clone()]);
        search(imports, &mut way, &mut seen).then_some(way)
    })
}

/// Checks `folder`, whose module is `module`, and the folders in it. Returns how many imports were
/// seen.
fn check(folder: &Path, module: &[String]) -> usize {
    let opened_by = [
        folder.join("mod.rs"),
        folder.join("lib.rs"),
        folder.with_extension("rs"),
    ];
    let parent = opened_by
        .iter()
        .find(|path| path.exists())
        .map(|path| code(path));
    let imports = imports(folder, module, &parent.unwrap_or_default());
    if let Some(way) = circle(&imports) {
        panic!(
            "{}: {} import one another in a circle",
            folder.display(),
            way.join(" -> ")
        );
    }

    let folders = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let folders = folders.filter(|path| path.is_dir() && !path.ends_with("tests"));
    let below: usize = folders
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            check(&path, &[module, &[name]].concat())
        })
        .sum();
    imports.values().map(BTreeSet::len).sum::<usize>() + below
}

#[test]
fn no_files_of_a_folder_import_one_another_in_a_circle() {
    let source = check(&repository().join("src"), &[]);
    let pool = check(&repository().join("pool/src"), &[]);
    let kernels = check(&repository().join("kernels/src"), &[]);
    let pictures = check(&repository().join("pictures/src"), &[]);
    let units = check(&repository().join("units/src"), &[]);
    assert!(
        source > 400 && pool > 20 && kernels > 5 && pictures > 20 && units > 3,
        "only {source}, {pool}, {kernels}, {pictures} and {units} imports were seen"
    );
}

#[test]
fn an_import_is_found_by_its_way_up_and_down() {
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    let own = path("engine::ray::trouble");

    let found = |text: &str| absolute(&path(text), &own);
    assert_eq!(
        found("super::local::Local"),
        Some(path("engine::ray::local::Local"))
    );
    assert_eq!(
        found("super::super::cluster"),
        Some(path("engine::cluster"))
    );
    assert_eq!(found("crate::units"), Some(path("units")));
    assert_eq!(
        found("self::inner"),
        Some(path("engine::ray::trouble::inner"))
    );
    assert_eq!(found("std::fs"), None);
}

#[test]
fn a_circle_is_found_and_a_use_tree_is_read_whole() {
    let paths = flattened("super::{a::B,c::{self,D},E}");
    let joined: Vec<String> = paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(
        joined,
        ["super::a::B", "super::c::self", "super::c::D", "super::E"]
    );

    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut imports = Imports::from([
        ("a".to_owned(), set(&["b"])),
        ("b".to_owned(), set(&["c"])),
        ("c".to_owned(), set(&[])),
    ]);
    assert_eq!(circle(&imports), None);
    imports.insert("c".to_owned(), set(&["b"]));
    assert_eq!(circle(&imports), Some(vec!["b".to_owned(), "c".to_owned()]));
}
