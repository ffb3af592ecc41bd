//! Which bits of which coefficients the scans of a file have brought so far.

use super::frame::Frame;
use super::scan::Scan;
use crate::broken::Broken;

/// For each component and coefficient, the lowest bit that scans brought; `None` before the first
/// one.
pub(super) struct Progress(Vec<[Option<u32>; 64]>);

impl Progress {
    pub(super) fn new(frame: &Frame) -> Self {
        Self(vec![[None; 64]; frame.components.len()])
    }

    /// Whether the next scan is the first one with this component.
    pub(super) fn is_first(&self, component: usize) -> bool {
        self.0[component].iter().all(Option::is_none)
    }

    /// Whether there was a scan.
    pub(super) fn has_begun(&self) -> bool {
        (0..self.0.len()).any(|component| !self.is_first(component))
    }

    /// Notes what `scan` brings. Refuses a scan that does not continue where earlier ones ended.
    pub(super) fn advance(&mut self, scan: &Scan) -> Result<(), Broken> {
        let before = (scan.high > 0).then_some(scan.high);

        for part in &scan.parts {
            let bits = &mut self.0[part.component];
            let has_dc = scan.first == 0 || bits[0].is_some();
            let coefficients = &mut bits[scan.first..=scan.last];

            if !has_dc || coefficients.iter().any(|bit| *bit != before) {
                let number = part.component + 1;
                return Err(Broken::Damaged(format!(
                    "a scan of component {number} does not continue the scans before it"
                )));
            }
            coefficients.fill(Some(scan.low));
        }

        Ok(())
    }

    /// Refuses a file that ends now, if bits are missing. The standard lets a progressive picture
    /// end before its last bits, but such a file looks like one that lost them.
    pub(super) fn complete(&self) -> Result<(), Broken> {
        let count = self.0.len();

        for (component, bits) in self.0.iter().enumerate() {
            let number = component + 1;

            if self.is_first(component) {
                return Err(Broken::Damaged(format!(
                    "no scan holds component {number} of {count}"
                )));
            }

            if bits.iter().any(|bit| *bit != Some(0)) {
                return Err(Broken::Damaged(format!(
                    "scans are missing: component {number} of {count} is incomplete"
                )));
            }
        }

        Ok(())
    }
}
