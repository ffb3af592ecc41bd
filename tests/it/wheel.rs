//! The wheel: maturin builds it, pip installs it into an empty environment, and scripts and notebooks
//! use its package.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

use super::harness::{Finished, Scene, reached, repository};
use super::processes::{descendants, signal, until};
use super::venv;

/// A file with functions, as users have one.
const SHAPES: &str = "
import collections, random

Pair = collections.namedtuple('Pair', 'a b')

def double(x): return 2 * x
def add(x, more): return x + more
def same(x): return x
def swapped(pair): return Pair(pair.b, pair.a)
def varying(x): return (x, random.random())
def picky(x):
    if x == 7: raise ValueError('seven is bad')
    return x
";

/// Where the wheel is installed: the `bin` of an environment that has nothing else. The tests share it.
fn installed() -> PathBuf {
    let tools = venv::python("wheel");
    let folder = repository().join("target/wheel-installed");
    let (bin, mark) = (folder.join("bin"), folder.join("made-from.txt"));
    let sources = sources();

    // Another test's process may be making it.
    let lock = File::create(repository().join("target/wheel-installed.lock")).unwrap();
    lock.lock().unwrap();
    if fs::read_to_string(&mark).ok() != Some(sources.clone()) {
        venv::run(
            "python3",
            &["-m", "venv", "--clear", folder.to_str().unwrap()],
            "install Python 3 with its venv module",
        );
        let wheel = built(&tools.with_file_name("maturin"));
        venv::run(
            bin.join("python").to_str().unwrap(),
            &[
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-index",
                wheel.to_str().unwrap(),
            ],
            "the wheel needs nothing else",
        );
        fs::remove_dir_all(wheel.parent().unwrap()).unwrap();
        fs::write(&mark, sources).unwrap();
    }
    bin
}

/// What the wheel is made of: the program's time, and the package's text.
fn sources() -> String {
    let modified = fs::metadata(env!("CARGO_BIN_EXE_parbench")).unwrap();
    let since = modified.modified().unwrap().duration_since(UNIX_EPOCH);
    let mut paths: Vec<_> = fs::read_dir(repository().join("python/parbench"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    paths.extend(
        [
            ".github/scripts/wheel-data.sh",
            "pyproject.toml",
            "python/README.md",
        ]
        .map(|name| repository().join(name)),
    );
    paths.sort();

    let texts = paths.iter().map(|path| fs::read_to_string(path).unwrap());
    format!("{:?}\n{}", since.unwrap(), texts.collect::<String>())
}

/// Builds the wheel, with what the tests have compiled, but leaves alone the program that they run.
fn built(maturin: &Path) -> PathBuf {
    let programs = Path::new(env!("CARGO_BIN_EXE_parbench")).parent().unwrap();
    let own = repository().join("target/wheel");
    let out = own.join("wheels");
    let _ = fs::remove_dir_all(&out);
    let profile = if programs.ends_with("release") {
        "release"
    } else {
        "dev"
    };
    let manifest = repository().join("Cargo.toml");
    let data = repository().join(".github/scripts/wheel-data.sh");
    let data = Command::new(data)
        .arg(env!("CARGO_BIN_EXE_parbench"))
        .output();
    let data = data.unwrap();
    assert!(data.status.success(), "{data:?}");

    venv::run(
        maturin.to_str().unwrap(),
        &[
            "build",
            "--locked",
            "--auditwheel",
            "skip",
            "--profile",
            profile,
            "--manifest-path",
            manifest.to_str().unwrap(),
            "--config",
            &format!("build.build-dir='{}'", programs.parent().unwrap().display()),
            "--target-dir",
            own.to_str().unwrap(),
            "--compression-method",
            "stored",
            "--out",
            out.to_str().unwrap(),
        ],
        "the crate registry must be reachable once",
    );
    fs::remove_dir_all(repository().join("parbench.data")).unwrap();
    let mut wheels = fs::read_dir(&out).unwrap();
    wheels.next().unwrap().unwrap().path()
}

/// A folder with `shapes.py`, whose temporary files go to `tmp`.
fn scene() -> Scene {
    let path = std::env::var("PATH").unwrap();
    let scene = Scene::new().env("PATH", &path);
    scene.write("shapes.py", SHAPES);
    fs::create_dir(scene.path("tmp")).unwrap();
    let temporary = scene.path("tmp").display().to_string();
    scene.env("TMPDIR", &temporary)
}

/// The same, with cloudpickle, pandas and `IPython`.
#[cfg(test)]
fn equipped() -> Scene {
    let list = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let asked = Command::new(venv::python("wheel"))
        .args(["-c", list])
        .output();
    let folder = String::from_utf8(asked.unwrap().stdout).unwrap();
    scene().env("PYTHONPATH", folder.trim())
}

/// `script`, as a file that the Python of the wheel's environment runs.
fn command(scene: &Scene, script: &str) -> Command {
    scene.write("script.py", script);
    scene.command_of(&installed().join("python"), "script.py")
}

/// What the script prints, which must end well and leave no temporary file.
#[cfg(test)]
#[track_caller]
fn printed(scene: &Scene, script: &str) -> String {
    let done = Finished::from(command(scene, script).output().unwrap());
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    assert!(left_behind(scene).is_empty(), "{:?}", left_behind(scene));
    done.stdout
}

/// What the package has left, beside what others keep in the same folder.
#[cfg(test)]
fn left_behind(scene: &Scene) -> Vec<PathBuf> {
    let entries = fs::read_dir(scene.path("tmp")).unwrap();
    let is_ours = |path: &PathBuf| path.display().to_string().contains("/tmp/parbench-");
    entries
        .map(|entry| entry.unwrap().path())
        .filter(is_ours)
        .collect()
}

#[test]
fn pip_installs_the_program_and_a_package_that_needs_nothing_else() {
    let scene = scene();
    let program = installed().join("parbench");
    let version = Finished::from(scene.command_of(&program, "--version").output().unwrap());
    assert_eq!(version.stdout, scene.run("--version").stdout);
    for name in [
        "man/man1/parbench-check.1",
        "man/man1/parbench-history-add.1",
        "bash-completion/completions/parbench",
        "zsh/site-functions/_parbench",
        "fish/vendor_completions.d/parbench.fish",
    ] {
        let path = installed().join("../share").join(name);
        assert!(path.is_file(), "{}", path.display());
    }

    let said = printed(
        &scene,
        "
import parbench, shapes
from parbench import _program

print(_program.path())
run = parbench.compare(shapes.double, range(4), workers=[1, 2], rounds=1)
print([f\"{arm['engine']} {arm['workers']}\" for arm in run.data['measurements'][0]['arms']])
print(run.data['measurements'][0]['params']['function'], run.data['measurements'][0]['params']['items'])
def mine(x): return x
for attempt in (lambda: parbench.compare(mine, [1]), run.to_pandas):
    try:
        attempt()
    except parbench.Error as error:
        print(error)
",
    );
    let shapes = scene.path("shapes.py");
    let wanted = format!(
        "{}\n['serial 1', 'threads 1', 'threads 2', 'processes 1', 'processes 2']\n{}:double range(0, 4)\n\
         mine cannot be imported from a file, and sending it takes cloudpickle: pip install \
         cloudpickle, or define it in a file of its own\n\
         to_pandas needs pandas: pip install pandas\n",
        program.display(),
        shapes.display(),
    );
    assert_eq!(said, wanted);
}

#[test]
fn functions_of_scripts_and_of_functions_are_measured_as_those_of_files() {
    let scene = equipped();
    let said = printed(&scene, include_str!("wheel_functions.py"));
    assert_eq!(said, "all as expected\n");
}

#[test]
fn what_is_wrong_is_an_error_of_one_line() {
    let scene = equipped();
    let said = printed(
        &scene,
        "
import threading
import parbench, shapes

def attempt(function, items, **options):
    try:
        parbench.compare(function, items, rounds=1, workers=2, **options)
    except parbench.Error as error:
        print(error)

attempt(shapes.picky, range(9))
attempt(lambda x: 1 / x, [1, 0])
attempt(shapes.double, [])
attempt(shapes.double, [1], bogus=3)
attempt(shapes.double, [threading.Lock()])
attempt(3, [1])
try:
    parbench.load('shapes.py')
except parbench.Error as error:
    print(error)
",
    );
    let lines: Vec<&str> = said.lines().collect();
    for (line, wanted) in lines.iter().zip([
        "python: item 8 (7) raises ValueError: seven is bad",
        "python: item 2 (0) raises ZeroDivisionError: division by zero",
        "python: there are no items: [] is empty",
        "unexpected argument '--bogus' found",
        "a list of these items cannot be pickled, so that no other Python can have it: ",
        "int cannot be called: give a function",
        "shapes.py is not a stored run: Expecting value",
    ]) {
        assert!(line.starts_with(wanted), "{line}");
    }
    assert_eq!(lines.len(), 7, "{said}");

    let scene = scene.env("PARBENCH_BINARY", "/nowhere/parbench");
    let done = Finished::from(
        command(
            &scene,
            "import parbench; parbench.compare(len, ['a'], rounds=1)",
        )
        .output()
        .unwrap(),
    );
    let wanted = "PARBENCH_BINARY names /nowhere/parbench, which is not a program";
    assert!(done.stderr.contains(wanted), "{}", done.stderr);
}

#[test]
fn a_run_is_shown_stored_and_loaded() {
    let scene = equipped();
    let said = printed(
        &scene,
        "
import parbench, shapes

run = parbench.compare(shapes.varying, ['<script>alert(1)</script>&', '|*_'], engines='threads', workers=[2], rounds=2)
frame = run.to_pandas()
measurement = run.data['measurements'][0]
assert len(frame) == len(measurement['arms']) * len(measurement['rounds']), frame
assert list(frame.wall_s[:2]) == [time['wall_s'] for time in measurement['rounds'][0]['times']]

run.save('stored.json')
loaded = parbench.load('stored.json')
assert loaded.data == run.data and loaded.table() == run.table() == str(run)
with open('shown.html', 'w') as file:
    file.write(loaded._repr_html_())
print(repr(loaded))
print(run)
",
    );
    assert!(said.starts_with("<parbench.Run: serial 1, threads 2>\n"));
    let shown = scene.run("report stored.json --color never").stdout;
    assert!(said.contains(&shown), "{said}");

    // What comes from outside is text.
    let html = scene.read("shown.html");
    let page = roxmltree::Document::parse(&html).unwrap();
    let tags: Vec<_> = page
        .descendants()
        .filter(roxmltree::Node::is_element)
        .map(|node| node.tag_name().name())
        .collect();
    assert!(!tags.contains(&"script"), "{tags:?}");
    let text: String = page.descendants().filter_map(|node| node.text()).collect();
    assert!(text.contains("('<script>alert(1)</script>&')"), "{text}");

    // A row for the heading, the loop and two threads, and the chart.
    assert_eq!(tags.iter().filter(|tag| **tag == "tr").count(), 3, "{html}");
    let image = page.descendants().find(|node| node.has_tag_name("img"));
    let source = image.and_then(|image| image.attribute("src")).unwrap();
    assert!(
        source.starts_with("data:image/svg+xml;base64,PHN2Zy"),
        "{source}"
    );
}

#[test]
fn a_notebook_measures_what_its_cells_define_and_shows_it() {
    let scene = equipped();
    let said = printed(
        &scene,
        "
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for cell in (
    'import parbench\\nfactor = 3',
    'def scaled(x):\\n    return factor * x',
    'run = parbench.compare(scaled, [1, 2], workers=[2], rounds=1)',
):
    shell.run_cell(cell).raise_error()
formats, _ = shell.display_formatter.format(shell.user_ns['run'])
print(sorted(formats), '<table>' in formats['text/html'])
",
    );
    assert_eq!(said, "['text/html', 'text/plain'] True\n");
}

#[test]
fn ctrl_c_ends_the_measurement_and_leaves_nothing() {
    let scene = equipped();
    let mut script = command(
        &scene,
        "
import pathlib, signal, time
import parbench

# A shell has its background jobs ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)

def slow(x):
    pathlib.Path('started').touch()
    time.sleep(0.01)
    return x

print('ready', flush=True)
parbench.compare(slow, range(1000), workers=[2], rounds=1000)
",
    );
    let child = script.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let (mut child, _stdout, _) = reached(child.unwrap(), "ready");
    until(|| scene.path("started").exists().then_some(()));
    let all = descendants(child.id());
    assert!(all.len() >= 2, "the program and its Python: {all:?}");
    signal(child.id(), "INT");

    let mut errors = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut errors).unwrap();
    child.wait().unwrap();
    assert!(errors.ends_with("KeyboardInterrupt\n"), "{errors}");
    until(|| {
        all.iter()
            .all(|pid| !Path::new(&format!("/proc/{pid}")).exists())
            .then_some(())
    });
    assert!(left_behind(&scene).is_empty(), "{:?}", left_behind(&scene));
}
