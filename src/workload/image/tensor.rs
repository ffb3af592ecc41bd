//! From a decoded picture to a task's tensor: which window is cut out, and the numbers in it.
//!
//! By definition, the picture is flipped left to right if the window says so, padded with `padding`
//! black pixels on each side, and cropped to `crop` x `crop` pixels at (`top`, `left`). Then each
//! value becomes `(value / 255 - mean) / std` in 32-bit floats, channel first. All of this is
//! computed for the window's pixels only: the rest of the picture is not touched.
//!
//! Every picture becomes 8-bit RGB on the way: grey is repeated in all three channels, palettes are
//! expanded (by the decoder), alpha is dropped without blending, and 16 bits become 8 by
//! `(value + 128) / 257` in whole numbers, which is `value / 257` rounded to the nearest.

use std::ops::Range;

use parbench_pictures::Decoded;
use serde::Serialize;

use super::stream::{Purpose, Stream};
use crate::digest::Digest;
use crate::failure::{Change, Failure, Setting};
use crate::units::Probability;

/// How windows are drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Augmentation {
    /// Pixels along each side of the window.
    pub crop: usize,
    /// Black pixels on each side of the picture.
    pub padding: usize,
    /// How often pictures are flipped left to right.
    pub flip: Probability,
    pub seed: u64,
}

/// How values are normalised, by channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Normalisation {
    pub mean: [f32; 3],
    pub std: [f32; 3],
}

/// What a task does with its picture.
pub(super) struct Transform {
    augmentation: Augmentation,
    /// The number in the tensor for each channel and 8-bit value.
    values: [[f32; 256]; 3],
}

/// Where one task cuts, in the flipped and padded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Window {
    /// Whether the picture is flipped left to right.
    pub flipped: bool,
    /// The first row.
    pub top: usize,
    /// The first column.
    pub left: usize,
}

impl Normalisation {
    /// The number in the tensor for an 8-bit value.
    fn apply(&self, channel: usize, value: usize) -> f32 {
        (value as f32 / 255.0 - self.mean[channel]) / self.std[channel]
    }
}

impl Transform {
    pub(super) fn new(augmentation: Augmentation, normalisation: Normalisation) -> Self {
        let values = std::array::from_fn(|channel| {
            std::array::from_fn(|value| normalisation.apply(channel, value))
        });

        Self {
            augmentation,
            values,
        }
    }

    /// The length of a side of the tensor.
    pub(super) const fn crop(&self) -> usize {
        self.augmentation.crop
    }

    /// Whether the window fits into a padded picture of this size.
    pub(super) fn fits(&self, width: usize, height: usize) -> bool {
        self.last_offset(width).is_some() && self.last_offset(height).is_some()
    }

    /// Task `index`'s window in a picture of this size: drawn as flip, top, left. `None` if the
    /// padded picture is smaller than the window.
    pub(super) fn window(&self, index: usize, width: usize, height: usize) -> Option<Window> {
        let last_top = self.last_offset(height)?;
        let last_left = self.last_offset(width)?;
        let mut stream = Stream::new(Purpose::Window, self.augmentation.seed, index);

        let flipped = stream.unit() < self.augmentation.flip.get();
        Some(Window {
            flipped,
            top: stream.up_to(last_top),
            left: stream.up_to(last_left),
        })
    }

    /// The largest offset that a window can have along a side of the picture.
    fn last_offset(&self, side: usize) -> Option<usize> {
        (side + 2 * self.augmentation.padding).checked_sub(self.augmentation.crop)
    }

    /// Why a picture of this size has no window. The message is written after the picture's name.
    pub(super) fn too_small(&self, width: usize, height: usize) -> Failure {
        let Augmentation { crop, padding, .. } = self.augmentation;
        let message = format!(
            "is too small: {width} x {height} pixels with a padding of {padding} are {} x {}, less \
             than the crop of {crop} x {crop}",
            width + 2 * padding,
            height + 2 * padding
        );

        Failure::new(message)
            .or(Setting::parameter("crop"), Change::Smaller)
            .or(Setting::parameter("padding"), Change::Larger)
    }

    /// Those of the picture's `height` rows that lie in `window`.
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

    /// Makes the tensor, with `value` giving the 8-bit value of a pixel's channel.
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
        let Augmentation { crop, padding, .. } = self.augmentation;
        let Window { flipped, top, left } = window;

        let rows = self.inside(top, height);
        let columns = self.inside(left, width);
        let stored_columns = if flipped {
            width - columns.end..width - columns.start
        } else {
            columns.clone()
        };
        let pixel_bytes = usize::from(color.bytes_per_pixel());
        let plane = crop * crop;
        tensor.clear();

        for (channel, values) in self.values.iter().enumerate() {
            tensor.resize((channel + 1) * plane, values[0]);

            // Grey, with or without alpha, has one value for all channels.
            let channel_or_grey = if color.has_color() { channel } else { 0 };
            let number = |pixel: &[u8]| values[usize::from(value(pixel, channel_or_grey))];

            for row in rows.clone().filter(|_| !columns.is_empty()) {
                let first = channel * plane
                    + (row + padding - top) * crop
                    + (columns.start + padding - left);
                let target = tensor[first..][..columns.len()].iter_mut();

                let line = &samples[row * width * pixel_bytes..][..width * pixel_bytes];
                let pixels = line
                    [stored_columns.start * pixel_bytes..stored_columns.end * pixel_bytes]
                    .chunks_exact(pixel_bytes);

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

    /// The picture's pixels, of `length` along an axis, that lie in a window which begins at
    /// `start` of the padded picture.
    fn inside(&self, start: usize, length: usize) -> Range<usize> {
        let Augmentation { crop, padding, .. } = self.augmentation;
        let unpadded = |place: usize| place.saturating_sub(padding).min(length);

        unpadded(start)..unpadded(start + crop)
    }
}

/// The digest of a tensor's bytes. They are made piece by piece, to hold little memory besides the
/// numbers.
pub(super) fn digest(tensor: &[f32]) -> Digest {
    Digest::of_parts(tensor.chunks(1 << 12).map(bytes))
}

/// A tensor's bytes, as files and digests have them: little-endian, in order.
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
        let decoded = Decoded {
            width: picture.width() as usize,
            height: picture.height() as usize,
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
        let index = (width * 1000 + height) as usize;
        Stream::new(Purpose::Noise, 5, index).fill(&mut samples);

        RgbImage::from_raw(width, height, samples).unwrap()
    }

    fn transform(crop: usize, padding: usize, flip: f64) -> Transform {
        let augmentation = Augmentation {
            crop,
            padding,
            flip: flip.try_into().unwrap(),
            seed: 42,
        };
        let normalisation = Normalisation {
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
        };

        Transform::new(augmentation, normalisation)
    }

    /// The tensor from the whole picture, step by step.
    fn step_by_step(picture: &RgbImage, transform: &Transform, window: Window) -> Vec<f32> {
        let narrow = |value: usize| u32::try_from(value).unwrap();
        let border = narrow(transform.augmentation.padding);
        let crop = narrow(transform.augmentation.crop);

        let flipped = if window.flipped {
            imageops::flip_horizontal(picture)
        } else {
            picture.clone()
        };

        let mut padded = RgbImage::new(flipped.width() + 2 * border, flipped.height() + 2 * border);
        imageops::replace(&mut padded, &flipped, i64::from(border), i64::from(border));

        let (left, top) = (narrow(window.left), narrow(window.top));
        let cropped = imageops::crop_imm(&padded, left, top, crop, crop).to_image();

        (0..3)
            .flat_map(|channel| cropped.pixels().map(move |pixel| (channel, pixel[channel])))
            .map(|(channel, value)| {
                let mean = [0.485, 0.456, 0.406][channel];
                let std = [0.229, 0.224, 0.225][channel];
                (f32::from(value) / 255.0 - mean) / std
            })
            .collect()
    }

    #[test]
    fn the_window_alone_equals_the_whole_picture_step_by_step() {
        let mut stream = Stream::new(Purpose::Noise, 0, 0);

        for index in 0..400 {
            let (width, height) = (1 + stream.up_to(40), 1 + stream.up_to(40));
            let padding = stream.up_to(12);
            let crop = 1 + stream.up_to(width.min(height) + 2 * padding - 1);

            let transform = transform(crop, padding, 0.5);
            let window = transform.window(index, width, height).unwrap();
            let [width, height] = [width, height].map(|side| u32::try_from(side).unwrap());
            let picture = picture(width, height);

            let expected = step_by_step(&picture, &transform, window);
            assert_eq!(
                tensor(&transform, &DynamicImage::from(picture), window),
                expected
            );
        }
    }

    #[test]
    fn windows_reach_every_place_and_depend_on_the_index_only() {
        let windows: Vec<Window> = (0..400)
            .map(|index| transform(8, 1, 0.5).window(index, 8, 7).unwrap())
            .collect();
        for (flipped, top, left) in [(true, 0, 0), (false, 1, 2), (true, 1, 0), (false, 0, 1)] {
            assert!(windows.contains(&Window { flipped, top, left }));
        }
        assert!(
            windows
                .iter()
                .all(|window| window.top <= 1 && window.left <= 2)
        );

        let flipped = |flip: f64, index| transform(8, 1, flip).window(index, 8, 8).unwrap().flipped;
        assert!((0..50).all(|index| !flipped(0.0, index)));
        assert!((0..50).all(|index| flipped(1.0, index)));

        // Whether the picture is flipped does not move the window.
        let place = |flip: f64, index| {
            let window = transform(8, 9, flip).window(index, 8, 8).unwrap();
            (window.top, window.left)
        };
        assert!((0..50).all(|index| place(0.0, index) == place(1.0, index)));

        assert_eq!(transform(8, 0, 0.5).window(0, 8, 7), None);
        assert!(!transform(8, 0, 0.5).fits(8, 7));
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
        let with_alpha = ImageBuffer::from_fn(6, 6, |x, y| {
            let image::Luma([value]) = *grey.get_pixel(x, y);
            image::LumaA([value, 3])
        });
        let grey = DynamicImage::from(grey);
        let with_alpha = DynamicImage::ImageLumaA8(with_alpha);

        let expected = cut(DynamicImage::from(grey.to_rgb8()));
        assert_eq!(cut(DynamicImage::from(grey.to_luma16())), expected);
        assert_eq!(cut(grey), expected);
        assert_eq!(
            cut(DynamicImage::from(with_alpha.to_luma_alpha16())),
            expected
        );
        assert_eq!(cut(with_alpha), expected);

        let colour = picture(6, 6);
        let with_alpha = ImageBuffer::from_fn(6, 6, |x, y| {
            let [red, green, blue] = colour.get_pixel(x, y).0;
            image::Rgba([red, green, blue, 9])
        });
        let with_alpha = DynamicImage::ImageRgba8(with_alpha);

        let expected = cut(DynamicImage::from(colour));
        assert_eq!(cut(DynamicImage::from(with_alpha.to_rgba16())), expected);
        assert_eq!(cut(DynamicImage::from(with_alpha.to_rgb16())), expected);
        assert_eq!(cut(with_alpha), expected);
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
