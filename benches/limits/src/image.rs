//! A picture from its file to the tensor, and each of the things that this cannot do without.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Result;
use parbench::stop::Stop;
use parbench::workload::Shared;
use serde_json::json;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;

use crate::contest::{Contender, Contest, Unit};
use crate::prepared;

const SIDE: usize = 3000;

/// One picture of the usual size.
pub(crate) fn picture() -> Result<Contest> {
    let (workload, path) = one_picture()?;
    let stop = Stop::new();
    let (zune_path, image_path, read_path) = (path.clone(), path.clone(), path.clone());
    let (mut file, mut pixels) = (Vec::new(), vec![0; SIDE * SIDE * 3]);

    let mut contenders = vec![
        Contender::trying("a task: file to tensor", move || workload.task(0, &stop)),
        Contender::trying(
            "reading the file, and zune-jpeg into memory that is used again",
            move || {
                read_into(&zune_path, &mut file)?;
                anyhow::Ok(JpegDecoder::new(ZCursor::new(&file)).decode_into(&mut pixels)?)
            },
        ),
        Contender::trying("`image::open`", move || image::open(&image_path)),
    ];

    #[cfg(feature = "turbojpeg")]
    contenders.push(by_turbo(path)?);

    let mut file = Vec::new();
    contenders.push(Contender::trying("reading the file", move || {
        read_into(&read_path, &mut file)
    }));

    Ok(Contest {
        title: format!("a JPEG of {SIDE} x {SIDE}"),
        unit: Unit::Milliseconds,
        contenders,
    })
}

#[cfg(feature = "turbojpeg")]
fn by_turbo(path: PathBuf) -> Result<Contender> {
    let mut decompressor = turbojpeg::Decompressor::new()?;
    let (mut file, mut pixels) = (Vec::new(), vec![0; SIDE * SIDE * 3]);

    Ok(Contender::trying(
        "reading the file, and libjpeg-turbo into memory that is used again",
        move || {
            read_into(&path, &mut file)?;
            let target = turbojpeg::Image {
                pixels: &mut pixels[..],
                width: SIDE,
                pitch: SIDE * 3,
                height: SIDE,
                format: turbojpeg::PixelFormat::RGB,
            };
            anyhow::Ok(decompressor.decompress(&file, target)?)
        },
    ))
}

/// The workload over one picture, and that picture's place. The set stays for the next time.
fn one_picture() -> Result<(Shared, PathBuf)> {
    let data_dir = std::env::temp_dir().join("parbench-limits");
    let params = json!({
        "count": 1, "side": SIDE, "quality": 60, "data_dir": data_dir, "crop": 224, "padding": 4,
        "flip": 0.5, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "seed": 42,
    });
    let path = data_dir.join(format!("noise-{SIDE}x{SIDE}-q60-n1-s42/noise-00000.jpg"));

    Ok((prepared("image", params)?, path))
}

fn read_into(path: &Path, file: &mut Vec<u8>) -> io::Result<()> {
    file.clear();
    File::open(path)?.read_to_end(file)?;
    Ok(())
}
