//! From quantised blocks to the bytes of a scan: codes, end-of-block runs, refinements, restarts.

/// Where the coefficients of a file stand in their block.
static ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// What a scan brings: which coefficients, and which bits of them.
#[derive(Clone, Copy, Default)]
pub(super) struct Band {
    /// The first coefficient.
    first: u8,
    /// The last one.
    last: u8,
    /// The lowest bit that earlier scans brought; 0 in the first pass.
    high: u8,
    /// The lowest bit that this scan brings.
    low: u8,
}

/// Turns blocks into codes.
#[derive(Default)]
pub(super) struct Coder {
    pub bytes: Vec<u8>,
    /// Bits that do not fill a byte yet.
    bits: u32,
    /// The number of them.
    count: u32,
    band: Band,
    predictors: [i32; 4],
    /// Blocks without further coefficients, for which no code has been written yet.
    ended_blocks: u32,
}

impl Band {
    /// All coefficients in full.
    pub(super) const ALL: Self = Self {
        first: 0,
        last: 63,
        high: 0,
        low: 0,
    };

    /// All bits but the lowest.
    pub(super) const fn first_pass(first: u8, last: u8) -> Self {
        Self {
            first,
            last,
            high: 0,
            low: 1,
        }
    }

    /// The lowest bit.
    pub(super) const fn second_pass(first: u8, last: u8) -> Self {
        Self {
            first,
            last,
            high: 1,
            low: 0,
        }
    }

    /// The end of a scan's header.
    pub(super) const fn bytes(self) -> [u8; 3] {
        [self.first, self.last, self.high << 4 | self.low]
    }

    /// Where the coefficients stand in a block.
    fn places(self) -> &'static [usize] {
        &ZIGZAG[usize::from(self.first)..=usize::from(self.last)]
    }
}

impl Coder {
    pub(super) fn new(band: Band) -> Self {
        Self {
            band,
            ..Self::default()
        }
    }

    fn put(&mut self, value: u32, length: u32) {
        for bit in (0..length).rev() {
            self.bits = self.bits << 1 | value >> bit & 1;
            self.count += 1;

            if self.count == 8 {
                let byte = u8::try_from(self.bits).unwrap();
                self.bytes.push(byte);
                if byte == 0xFF {
                    self.bytes.push(0);
                }
                (self.bits, self.count) = (0, 0);
            }
        }
    }

    fn symbol(&mut self, symbol: u32) {
        if symbol < 254 {
            self.put(symbol, 8);
        } else {
            self.put(2 * 254 + symbol - 254, 9);
        }
    }

    /// A number's bits: those of one less if it is negative.
    fn number(&mut self, value: i32, length: u32) {
        let bits = if value < 0 { value - 1 } else { value };
        self.put(bits.cast_unsigned() & ((1 << length) - 1), length);
    }

    fn end_blocks(&mut self) {
        if self.ended_blocks > 0 {
            let length = self.ended_blocks.ilog2();
            self.symbol(length << 4);
            self.put(self.ended_blocks - (1 << length), length);
            self.ended_blocks = 0;
        }
    }

    pub(super) fn flush(&mut self) {
        self.end_blocks();
        while self.count > 0 {
            self.put(1, 1);
        }
    }

    pub(super) fn restart(&mut self, number: u8) {
        self.flush();
        self.bytes.extend([0xFF, 0xD0 + number]);
        self.predictors = [0; 4];
    }

    pub(super) fn block(&mut self, component: usize, block: &[i32; 64], progressive: bool) {
        let Band {
            first, high, low, ..
        } = self.band;

        match (progressive, first, high) {
            (false, ..) => {
                self.dc(component, block[0]);
                self.ac(block, &ZIGZAG[1..]);
                self.end_blocks();
            }
            (true, 0, 0) => self.dc(component, block[0] >> low),
            (true, 0, _) => self.put((block[0] >> low & 1).cast_unsigned(), 1),
            (true, _, 0) => {
                let shortened = block.map(|value| value / (1 << low));
                self.ac(&shortened, self.band.places());
            }
            (true, ..) => self.refine(block),
        }
    }

    fn dc(&mut self, component: usize, value: i32) {
        let difference = value - std::mem::replace(&mut self.predictors[component], value);
        let length = bits_of(difference);
        self.put(length, 4);
        self.number(difference, length);
    }

    fn ac(&mut self, block: &[i32; 64], places: &[usize]) {
        let mut zeros = 0;

        for place in places {
            let value = block[*place];
            if value == 0 {
                zeros += 1;
                continue;
            }

            self.end_blocks();

            while zeros > 15 {
                self.symbol(0xF0);
                zeros -= 16;
            }

            let length = bits_of(value);
            self.symbol(zeros << 4 | length);
            self.number(value, length);
            zeros = 0;
        }

        if zeros > 0 {
            self.ended_blocks += 1;
        }
        if self.ended_blocks == 0x7FFF {
            self.end_blocks();
        }
    }

    /// The last bit of coefficients of which the others are known, and coefficients that it makes 1
    /// or -1.
    fn refine(&mut self, block: &[i32; 64]) {
        let places = self.band.places();
        let last = places.iter().rposition(|place| block[*place].abs() == 1);
        let mut zeros = 0;
        let mut corrections = Vec::new();

        for (at, place) in places.iter().enumerate() {
            let value = block[*place];
            if value == 0 {
                zeros += 1;
                continue;
            }

            while zeros > 15 && last.is_some_and(|last| at <= last) {
                self.symbol(0xF0);
                corrections.drain(..).for_each(|bit| self.put(bit, 1));
                zeros -= 16;
            }
            if value.abs() > 1 {
                corrections.push(value.unsigned_abs() & 1);
                continue;
            }

            self.symbol(zeros << 4 | 1);
            self.put(u32::from(value > 0), 1);
            corrections.drain(..).for_each(|bit| self.put(bit, 1));
            zeros = 0;
        }

        if zeros > 0 || !corrections.is_empty() {
            self.symbol(0);
            for bit in corrections {
                self.put(bit, 1);
            }
        }
    }
}

fn bits_of(value: i32) -> u32 {
    value
        .unsigned_abs()
        .checked_ilog2()
        .map_or(0, |bits| bits + 1)
}
