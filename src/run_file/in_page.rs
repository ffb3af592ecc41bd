//! A stored run as an element of a page: as the JSON that it is or, where that is long, packed. What
//! is written here is read here.

use std::io::{self, Read, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::LONGEST;
use crate::whole_file;

/// The type of an element that holds JSON.
pub const PLAIN: &str = "application/json";
/// The type of one that holds Base64 (RFC 4648) of zlib (RFC 1950) of JSON.
pub const PACKED: &str = "application/vnd.parbench.run+zlib";

/// What begins an element with a type.
const ELEMENT: &str = "<script type=\"";
/// What ends it.
const END: &str = "</script>";

/// `json` as an element of the type [`PACKED`] holds it: about a quarter as long.
pub fn packed(json: &str) -> io::Result<String> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(json.as_bytes())?;

    Ok(BASE64_STANDARD.encode(encoder.finish()?))
}

/// The run that a page holds, as JSON. `None` where `bytes` are not a page; an error, which is
/// written after the page's name, where it does not hold exactly one run.
pub(crate) fn run_of_page(bytes: &[u8]) -> Option<Result<Vec<u8>, String>> {
    let start = bytes.trim_ascii_start().get(..14)?;
    if !start.eq_ignore_ascii_case(b"<!doctype html") {
        return None;
    }

    let text = String::from_utf8_lossy(bytes);
    let mut elements = text.split(ELEMENT).skip(1);
    Some(match (elements.next(), elements.next()) {
        (None, _) => Err("is a page without a stored run".to_owned()),
        (Some(element), None) => {
            unpacked(element).ok_or_else(|| "is a page whose stored run is damaged".to_owned())
        }
        (Some(_), Some(_)) => {
            Err("is a page of several runs: save the one that is meant from it".to_owned())
        }
    })
}

/// What an element holds, given from its type on.
fn unpacked(element: &str) -> Option<Vec<u8>> {
    let (head, rest) = element.split_once('>')?;
    let (content, _) = rest.split_once(END)?;

    if head.starts_with(PLAIN) {
        return Some(content.as_bytes().to_vec());
    }
    let zipped = BASE64_STANDARD.decode(content).ok()?;
    let mut json = ZlibDecoder::new(&zipped[..]);
    whole_file::read_from(json.by_ref(), LONGEST, "stored run").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(elements: &[(&str, &str)]) -> String {
        let elements = elements.iter().map(|(kind, content)| {
            format!("<p>1 < 2</p>{ELEMENT}{kind}\" id=\"run\">{content}{END}")
        });
        let elements: String = elements.collect();

        format!("<!DOCTYPE html><html>{elements}<script>let a = 1;</script></html>\n")
    }

    fn read(page: &str) -> Result<String, String> {
        let run = run_of_page(page.as_bytes()).unwrap();
        run.map(|json| String::from_utf8(json).unwrap())
    }

    #[test]
    fn a_run_comes_out_of_a_page_as_it_went_in() {
        let json = "{\"a\": [1, 2.5], \"b\": \"\u{e9}\"}";
        let long = json.repeat(2000);

        assert_eq!(read(&page(&[(PLAIN, json)])).unwrap(), json);
        let packed = packed(&long).unwrap();
        assert!(packed.len() < long.len() / 20);
        assert_eq!(read(&page(&[(PACKED, &packed)])).unwrap(), long);
    }

    /// By Python: `base64.b64encode(zlib.compress(b'{"schema_version": 3}'))`.
    #[test]
    fn what_another_program_packs_is_read() {
        let packed = "eJyrVipOzkjNTYwvSy0qzszPU7JSMK4FAFgnB6A=";

        let json = read(&page(&[(PACKED, packed)])).unwrap();
        assert_eq!(json, "{\"schema_version\": 3}");
    }

    #[test]
    fn pages_without_a_run_of_their_own_are_named() {
        assert!(run_of_page(b"{\"schema_version\": 3}").is_none());
        assert!(run_of_page(b"<!DOCTYPE").is_none());

        let refused = |page: &str| read(page).unwrap_err();
        assert!(refused(&page(&[])).contains("without a stored run"));
        assert!(refused(&page(&[(PLAIN, "{}"), (PLAIN, "{}")])).contains("several runs"));

        let packed = packed("{\"a\": 1}").unwrap();
        for damaged in [&packed[1..], &packed[..packed.len() - 8], "not base64!"] {
            assert!(refused(&page(&[(PACKED, damaged)])).contains("is damaged"));
        }
        let cut = page(&[(PLAIN, "{}")]).replace(END, "");
        assert!(refused(&cut).contains("is damaged"));
    }
}
