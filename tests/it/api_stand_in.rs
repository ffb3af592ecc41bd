//! A stand-in of GitHub's interface on the loopback: pull requests and comments, kept in memory.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

/// The commit of pull request 7, of the branch `faster` of `stranger`'s fork.
pub(crate) const COMMIT: &str = "0123456789012345678901234567890123456789";

/// The comments of pull request 7, and what was asked for.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) comments: Vec<Value>,
    pub(crate) requests: Vec<String>,
    /// Whose token it is, if it is the token of a person.
    pub(crate) login: Option<String>,
}

/// The stand-in while it runs.
pub(crate) struct Api {
    pub(crate) url: String,
    pub(crate) state: Arc<Mutex<State>>,
    server: Option<JoinHandle<()>>,
}

impl Api {
    /// Starts with these `comments`.
    pub(crate) fn start(comments: Vec<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            comments,
            ..State::default()
        }));

        let shared = Arc::clone(&state);
        let server = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if !answer(&stream.unwrap(), &shared) {
                    return;
                }
            }
        });
        Self {
            url,
            state,
            server: Some(server),
        }
    }

    /// What was asked for since the last look: methods and paths.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        let mut stream = TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(b"END\r\n").unwrap();
        self.server.take().unwrap().join().unwrap();
    }
}

/// Answers one request; `false` for the one that ends the server.
fn answer(mut stream: &TcpStream, state: &Mutex<State>) -> bool {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    if line.starts_with("END") {
        return false;
    }

    let (mut length, mut authorized) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let header = header.trim().to_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        authorized |= header == "authorization: bearer secret";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();

    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let mut state = state.lock().unwrap();
    state.requests.push(format!("{method} {target}"));
    let (status, content) = if authorized {
        found(&mut state, method, target, &body)
    } else {
        ("401 Unauthorized", json!({"message": "Bad credentials"}))
    };
    let content = content.to_string();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{content}",
        content.len()
    )
    .unwrap();
    true
}

fn found(state: &mut State, method: &str, target: &str, body: &[u8]) -> (&'static str, Value) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let page = query.split('&').find_map(|part| part.strip_prefix("page="));
    let page: usize = page.map_or(1, |page| page.parse().unwrap());
    let text = || -> Value { serde_json::from_slice::<Value>(body).unwrap()["body"].clone() };

    match (method, path.strip_prefix("/repos/o/r").unwrap_or(path)) {
        ("GET", "/user") => match &state.login {
            Some(login) => ("200 OK", json!({"login": login})),
            None => (
                "403 Forbidden",
                json!({"message": "Resource not accessible by integration"}),
            ),
        },
        ("GET", "/pulls") if query.contains("head=stranger%3Afaster") => {
            ("200 OK", json!([{"number": 7, "head": {"sha": COMMIT}}]))
        }
        ("GET", "/pulls") => ("200 OK", json!([])),
        ("GET", "/issues/7/comments") => {
            let pages: Vec<_> = state.comments.chunks(100).collect();
            let page = pages.get(page - 1).copied().unwrap_or_default();
            ("200 OK", json!(page))
        }
        ("POST", "/issues/7/comments") => {
            let comment = comment(state.comments.len(), "Bot", text().as_str().unwrap());
            state.comments.push(comment.clone());
            ("201 Created", comment)
        }
        ("PATCH", path) => {
            let id = path.strip_prefix("/issues/comments/").unwrap();
            let id: usize = id.parse().unwrap();
            state.comments[id]["body"] = text();
            ("200 OK", state.comments[id].clone())
        }
        _ => ("404 Not Found", json!({"message": "Not Found"})),
    }
}

/// A comment as the interface gives it.
pub(crate) fn comment(id: usize, kind: &str, body: &str) -> Value {
    json!({"id": id, "user": {"type": kind, "login": format!("user{id}")}, "body": body})
}
