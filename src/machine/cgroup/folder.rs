//! Where the control groups of this process live: the only place that looks for them.

use crate::machine::tree::Tree;

/// The folder of a control group, in which its limits stand.
pub(super) struct Folder<'a> {
    tree: &'a Tree,
    path: String,
    /// Whether the files are those of version 2, whose hierarchy holds all controllers.
    pub(super) unified: bool,
}

impl Folder<'_> {
    /// What `file` in this folder holds.
    pub(super) fn text(&self, file: &str) -> Option<String> {
        self.tree.text(&format!("{}/{file}", self.path))
    }
}

/// The folders of the group that `controller` keeps this process in and of the groups around it,
/// from the outermost inwards; empty where control groups are unknown.
pub(super) fn folders<'a>(tree: &'a Tree, controller: &str) -> Vec<Folder<'a>> {
    let group = || {
        Group::in_files(
            &tree.text("/proc/self/cgroup")?,
            &tree.text("/proc/self/mountinfo")?,
            controller,
        )
    };
    let Some(group) = group() else {
        return Vec::new();
    };

    let folder = |path| Folder {
        tree,
        path,
        unified: group.unified,
    };
    group.paths().into_iter().map(folder).collect()
}

/// One group: where its hierarchy is mounted, and its path below that.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    unified: bool,
    mount: String,
    path: String,
}

impl Group {
    /// The group that `controller` keeps this process in, from the texts of `/proc/self/cgroup` and
    /// `/proc/self/mountinfo`. A controller of version 1 is listed by its name; any other is
    /// version 2's.
    fn in_files(groups: &str, mounts: &str, controller: &str) -> Option<Self> {
        let entries: Vec<Entry> = groups.lines().filter_map(Entry::parse).collect();
        let version_1 = entries
            .iter()
            .find(|entry| entry.controllers.split(',').any(|name| name == controller));
        let unified = version_1.is_none();
        let entry = version_1.or_else(|| entries.iter().find(|entry| entry.hierarchy == "0"))?;

        let mounts: Vec<Mount> = mounts
            .lines()
            .filter_map(Mount::parse)
            .filter(|mount| mount.is_of(controller, unified))
            .collect();

        // A container may see only a part of the hierarchy, mounted as if it were the whole. A part
        // that does not hold this process's group belongs to another container.
        let around = mounts
            .iter()
            .filter_map(|mount| Some((mount, below(mount.root, entry.path)?)));
        let nearest = around.max_by_key(|(mount, _)| mount.root.len());
        let (mount, path) = nearest.or_else(|| mounts.first().map(|mount| (mount, "")))?;

        Some(Self {
            unified,
            mount: mount.place.to_owned(),
            path: path.to_owned(),
        })
    }

    /// The paths of the group's folder and of those around it, from the mount inwards.
    fn paths(&self) -> Vec<String> {
        let mut path = self.mount.clone();
        let mut paths = vec![path.clone()];

        for part in self.path.split('/').filter(|part| !part.is_empty()) {
            path = format!("{path}/{part}");
            paths.push(path.clone());
        }

        paths
    }
}

/// A line of `/proc/self/cgroup`.
struct Entry<'a> {
    hierarchy: &'a str,
    controllers: &'a str,
    path: &'a str,
}

impl<'a> Entry<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut fields = line.splitn(3, ':');

        Some(Self {
            hierarchy: fields.next()?,
            controllers: fields.next()?,
            path: fields.next()?,
        })
    }
}

/// A line of `/proc/self/mountinfo`: which folder of a file system is mounted where.
struct Mount<'a> {
    root: &'a str,
    place: &'a str,
    system: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (place, kind) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let mut kind = kind.split(' ');

        Some(Self {
            root: place.next()?,
            place: place.next()?,
            system: kind.next()?,
            options: kind.nth(1)?,
        })
    }

    /// Whether this is the hierarchy of `controller`: the unified one of version 2, or its own of
    /// version 1.
    fn is_of(&self, controller: &str, unified: bool) -> bool {
        if unified {
            self.system == "cgroup2"
        } else {
            self.system == "cgroup" && self.options.split(',').any(|option| option == controller)
        }
    }
}

/// `path` as seen from `root`; `None` when it does not lie below. A path with `..` leads out of
/// what is mounted here.
fn below<'a>(root: &str, path: &'a str) -> Option<&'a str> {
    if path.split('/').any(|part| part == "..") {
        return None;
    }

    let rest = path.strip_prefix(root.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// The figure called `name` in a text with one named figure on each line.
pub(super) fn figure(text: &str, name: &str) -> Option<u64> {
    let figure = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;

    figure.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mixed_form_keeps_each_controller_where_it_is() {
        let groups = "4:memory:/guest/4eca\n1:cpu:/\n0::/\n";
        let mounts = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let group = |controller| Group::in_files(groups, mounts, controller).unwrap();

        assert_eq!(
            (group("cpu").mount.as_str(), group("cpu").unified),
            ("/sys/fs/cgroup/cpu", false)
        );
        assert_eq!(
            group("memory").paths(),
            [
                "/sys/fs/cgroup/memory",
                "/sys/fs/cgroup/memory/guest",
                "/sys/fs/cgroup/memory/guest/4eca"
            ]
        );
        assert_eq!(
            (group("io").mount.as_str(), group("io").unified),
            ("/sys/fs/cgroup/unified", true)
        );
    }

    #[test]
    fn another_containers_part_of_the_hierarchy_is_not_looked_into() {
        let path_in = |path: &str, root: &str| {
            let mounts = format!("41 31 0:38 {root} /cg rw - cgroup2 cgroup2 rw\n");
            Group::in_files(&format!("0::{path}\n"), &mounts, "memory")
                .unwrap()
                .path
        };

        assert_eq!(path_in("/pod/app", "/pod"), "/app");
        assert_eq!(
            path_in("/podium/app", "/pod"),
            "",
            "its name only begins alike"
        );
        assert_eq!(
            path_in("/../sibling", "/"),
            "",
            "outside of the namespace's root"
        );

        let two_parts = "41 31 0:38 /pod/other /cg/other rw - cgroup2 cgroup2 rw
42 31 0:38 /pod /cg/pod rw - cgroup2 cgroup2 rw\n";
        assert_eq!(
            Group::in_files("0::/pod/app\n", two_parts, "memory")
                .unwrap()
                .mount,
            "/cg/pod"
        );
    }
}
