//! From a decoded picture to a task's tensor: which window is cut, and the numbers in it. Pure arithmetic;
//! no files.
//!
//! The meaning is: turn the picture left to right if `flipped`, pad it with `padding` black pixels on each
//! side, cut `crop` x `crop` pixels at (`top`, `left`), then `(value / 255 - mean) / std` in 32-bit
//! floats, channel first. It is computed for the window's pixels only: the rest of the picture is not
//! touched.
//!
//! Every picture becomes 8-bit RGB on the way: grey is repeated in all three channels, palettes are
//! expanded (the decoder does it), alpha is dropped without blending, and 16 bits become 8 by
//! `(value + 128) / 257` in whole numbers, which is `value / 257` rounded to the nearest.

use std::ops::Range;

use serde::Serialize;

use super::picture::Decoded;
use super::stream::{Purpose, Stream};
use crate::units::Probability;
use crate::workload::digest::Digest;

/// What a task does with its picture.
pub(super) struct Transform {
    crop: usize,
    padding: usize,
    flip: Probability,
    seed: u64,
    /// The number in the tensor for each channel and 8-bit value.
    values: [[f32; 256]; 3],
}

/// Where one task cuts, in the flipped and padded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Window {
    /// Whether the picture is turned left to right.
    pub flipped: bool,
    /// The first row.
    pub top: usize,
    /// The first column.
    pub left: usize,
}

impl Transform {
    /// The transform; `mean` and `std` by channel.
    pub(super) fn new(
        (crop, padding): (usize, usize),
        flip: Probability,
        seed: u64,
        (mean, std): ([f32; 3], [f32; 3]),
    ) -> Self {
        let value =
            |channel: usize, value: usize| (value as f32 / 255.0 - mean[channel]) / std[channel];
        let values =
            std::array::from_fn(|channel| std::array::from_fn(|byte| value(channel, byte)));
        Self {
            crop,
            padding,
            flip,
            seed,
            values,
        }
    }

    /// A side of the tensor.
    pub(super) const fn crop(&self) -> usize {
        self.crop
    }

    /// Task `index`'s window in a picture of this size: drawn as flip, top, left. Nothing if the padded
    /// picture is smaller than the window.
    pub(super) fn window(&self, index: usize, width: usize, height: usize) -> Option<Window> {
        let room = |side: usize| (side + 2 * self.padding).checked_sub(self.crop);
        let (below, beside) = (room(height)?, room(width)?);
        let mut stream = Stream::new(Purpose::Window, self.seed, index);
        let flipped = stream.unit() < self.flip.get();
        Some(Window {
            flipped,
            top: stream.up_to(below),
            left: stream.up_to(beside),
        })
    }

    /// Why a picture of this size has no window, and the way out.
    pub(super) fn too_small(&self, width: usize, height: usize) -> String {
        let Self { crop, padding, .. } = self;
        format!(
            "is too small: {width} x {height} pixels with a padding of {padding} are {} x {}, less than the \
             crop of {crop} x {crop}; choose a smaller --crop or a larger --padding",
            width + 2 * padding,
            height + 2 * padding
        )
    }

    /// The picture's rows that lie in `window`, of `height` in all.
    pub(super) fn rows(&self, window: Window, height: usize) -> Range<usize> {
        self.inside(window.top, height)
    }

    /// Makes `tensor` the tensor of `window`: 3 planes of `crop` rows of `crop` numbers.
    pub(super) fn tensor(&self, picture: &Decoded<'_>, window: Window, tensor: &mut Vec<f32>) {
        if picture.color.bytes_per_pixel() == picture.color.channel_count() {
            self.cut(picture, window, tensor, |pixel, channel| pixel[channel]);
        } else {
            self.cut(picture, window, tensor, |pixel, channel| {
                eight_bits(u16::from_ne_bytes([
                    pixel[2 * channel],
                    pixel[2 * channel + 1],
                ]))
            });
        }
    }

    /// The same with `value` giving the 8-bit value of a pixel's channel.
    fn cut(
        &self,
        picture: &Decoded<'_>,
        window: Window,
        tensor: &mut Vec<f32>,
        value: impl Fn(&[u8], usize) -> u8,
    ) {
        let &Decoded {
            width,
            height,
            color,
            samples,
        } = picture;
        let Window { flipped, top, left } = window;
        let (rows, columns) = (self.inside(top, height), self.inside(left, width));
        let stored = if flipped {
            width - columns.end..width - columns.start
        } else {
            columns.clone()
        };
        let size = usize::from(color.bytes_per_pixel());
        let plane = self.crop * self.crop;
        tensor.clear();
        for (channel, values) in self.values.iter().enumerate() {
            tensor.resize((channel + 1) * plane, values[0]);
            // Grey, with or without alpha, has its one value in all channels.
            let channel_or_grey = if color.has_color() { channel } else { 0 };
            let number = |pixel: &[u8]| values[usize::from(value(pixel, channel_or_grey))];
            for row in rows.clone().filter(|_| !columns.is_empty()) {
                let first = channel * plane
                    + (row + self.padding - top) * self.crop
                    + (columns.start + self.padding - left);
                let target = tensor[first..][..columns.len()].iter_mut();
                let line = &samples[row * width * size..][..width * size];
                let pixels = line[stored.start * size..stored.end * size].chunks_exact(size);
                if flipped {
                    target
                        .zip(pixels.rev())
                        .for_each(|(target, pixel)| *target = number(pixel));
                } else {
                    target
                        .zip(pixels)
                        .for_each(|(target, pixel)| *target = number(pixel));
                }
            }
        }
    }

    /// The part of an axis of `length` pixels that a window covers which begins at `start` of the padded one.
    fn inside(&self, start: usize, length: usize) -> Range<usize> {
        let unpadded = |place: usize| place.saturating_sub(self.padding).min(length);
        unpadded(start)..unpadded(start + self.crop)
    }
}

/// The digest of a tensor's bytes, piece by piece: they are never there in full beside the numbers.
pub(super) fn digest(tensor: &[f32]) -> Digest {
    Digest::of_parts(tensor.chunks(1 << 12).map(bytes))
}

/// A tensor's bytes as a file or a digest has them: little-endian, in order.
pub(super) fn bytes(tensor: &[f32]) -> Vec<u8> {
    let mut bytes = vec![0; size_of_val(tensor)];
    let (cells, _) = bytes.as_chunks_mut();
    cells
        .iter_mut()
        .zip(tensor)
        .for_each(|(cell, value)| *cell = value.to_le_bytes());
    bytes
}

/// 16 bits as 8, rounded to the nearest: 257 is 65535 / 255.
fn eight_bits(value: u16) -> u8 {
    u8::try_from((u32::from(value) + 128) / 257).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GrayImage, ImageBuffer, RgbImage, imageops};

    use super::*;

    fn tensor(transform: &Transform, picture: &DynamicImage, window: Window) -> Vec<f32> {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let decoded = Decoded {
            width,
            height,
            color: picture.color(),
            samples: picture.as_bytes(),
        };
        // What an earlier, larger tensor left must not show.
        let mut tensor = vec![f32::NAN; 10_000];
        transform.tensor(&decoded, window, &mut tensor);
        tensor
    }

    fn picture(width: u32, height: u32) -> RgbImage {
        let mut samples = vec![0; (width * height * 3) as usize];
        Stream::new(Purpose::Noise, 5, (width * 1000 + height) as usize).fill(&mut samples);
        RgbImage::from_raw(width, height, samples).unwrap()
    }

    /// The same over the whole picture, step by step.
    fn plainly(
        picture: &RgbImage,
        transform: &Transform,
        window: Window,
        scale: [[f32; 3]; 2],
    ) -> Vec<f32> {
        let flipped = if window.flipped {
            imageops::flip_horizontal(picture)
        } else {
            picture.clone()
        };
        let border = u32::try_from(transform.padding).unwrap();
        let mut padded = RgbImage::new(flipped.width() + 2 * border, flipped.height() + 2 * border);
        imageops::replace(&mut padded, &flipped, i64::from(border), i64::from(border));
        let at = |value: usize| u32::try_from(value).unwrap();
        let crop = at(transform.crop);
        let cut =
            imageops::crop_imm(&padded, at(window.left), at(window.top), crop, crop).to_image();
        (0..3)
            .flat_map(|channel| cut.pixels().map(move |pixel| (channel, pixel[channel])))
            .map(|(channel, value)| {
                (f32::from(value) / 255.0 - scale[0][channel]) / scale[1][channel]
            })
            .collect()
    }

    #[test]
    fn the_window_alone_equals_the_whole_picture_step_by_step() {
        let scale = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
        let mut stream = Stream::new(Purpose::Noise, 0, 0);
        for index in 0..400 {
            let (width, height) = (1 + stream.up_to(40), 1 + stream.up_to(40));
            let padding = stream.up_to(12);
            let crop = 1 + stream.up_to(width.min(height) + 2 * padding - 1);
            let flip = Probability::try_from(0.5).unwrap();
            let transform = Transform::new((crop, padding), flip, 42, (scale[0], scale[1]));
            let picture = picture(
                u32::try_from(width).unwrap(),
                u32::try_from(height).unwrap(),
            );
            let window = transform.window(index, width, height).unwrap();
            let expected = plainly(&picture, &transform, window, scale);
            assert_eq!(
                tensor(&transform, &DynamicImage::from(picture), window),
                expected
            );
        }
    }

    fn transform(crop: usize, padding: usize, flip: f64) -> Transform {
        Transform::new(
            (crop, padding),
            flip.try_into().unwrap(),
            42,
            ([0.5; 3], [0.5; 3]),
        )
    }

    #[test]
    fn windows_reach_every_place_and_depend_on_the_index_only() {
        let all: Vec<Window> = (0..400)
            .map(|index| transform(8, 1, 0.5).window(index, 8, 7).unwrap())
            .collect();
        for (flipped, top, left) in [(true, 0, 0), (false, 1, 2), (true, 1, 0), (false, 0, 1)] {
            assert!(all.contains(&Window { flipped, top, left }));
        }
        assert!(all.iter().all(|window| window.top <= 1 && window.left <= 2));
        assert!((0..50).all(|index| !transform(8, 1, 0.0).window(index, 8, 8).unwrap().flipped));
        assert!((0..50).all(|index| transform(8, 1, 1.0).window(index, 8, 8).unwrap().flipped));
        // Whether it flips does not move the window.
        let places =
            |flip| (0..50).map(move |index| transform(8, 9, flip).window(index, 8, 8).unwrap());
        assert!(
            places(0.0)
                .zip(places(1.0))
                .all(|(a, b)| (a.top, a.left) == (b.top, b.left))
        );
        assert_eq!(transform(8, 0, 0.5).window(0, 8, 7), None);
    }

    #[test]
    fn every_kind_of_picture_becomes_rgb_as_documented() {
        let window = Window {
            flipped: false,
            top: 0,
            left: 0,
        };
        let cut = |picture: DynamicImage| tensor(&transform(6, 0, 0.0), &picture, window);
        let grey = GrayImage::from_fn(6, 6, |x, y| {
            image::Luma([u8::try_from(x * 40 + y).unwrap()])
        });
        let wide = DynamicImage::from(grey.clone());
        let rgb = cut(DynamicImage::from(wide.to_rgb8()));
        assert_eq!(cut(wide.clone()), rgb);
        assert_eq!(cut(DynamicImage::from(wide.to_luma16())), rgb);
        let alpha = |pixel: &image::Luma<u8>| image::LumaA([pixel[0], 3]);
        let clear = ImageBuffer::from_fn(6, 6, |x, y| alpha(grey.get_pixel(x, y)));
        let clear = DynamicImage::ImageLumaA8(clear);
        assert_eq!(cut(clear.clone()), rgb);
        assert_eq!(cut(DynamicImage::from(clear.to_luma_alpha16())), rgb);
        let colour = picture(6, 6);
        let plain = cut(DynamicImage::from(colour.clone()));
        let clear = ImageBuffer::from_fn(6, 6, |x, y| {
            let [r, g, b] = colour.get_pixel(x, y).0;
            image::Rgba([r, g, b, 9])
        });
        let clear = DynamicImage::ImageRgba8(clear);
        assert_eq!(cut(clear.clone()), plain);
        assert_eq!(cut(DynamicImage::from(clear.to_rgba16())), plain);
        assert_eq!(cut(DynamicImage::from(clear.to_rgb16())), plain);
    }

    #[test]
    fn sixteen_bits_are_rounded_to_the_nearest_eight() {
        for value in 0..=u16::MAX {
            assert_eq!(
                f64::from(eight_bits(value)),
                (f64::from(value) / 257.0).round(),
                "{value}"
            );
        }
    }

    #[test]
    fn bytes_are_little_endian() {
        assert_eq!(bytes(&[1.0, -2.5]), [0, 0, 128, 63, 0, 0, 32, 192]);
        let long: Vec<f32> = (0..10_000).map(|number| number as f32).collect();
        assert_eq!(digest(&long), Digest::of(bytes(&long)));
    }
}
