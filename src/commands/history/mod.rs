//! `history`: keeps runs, shows what became of their figures, and says what changed.

mod account;
mod add;
mod damage;
mod files;
mod noise;

pub use account::{Request as AccountRequest, View, account};
pub use add::{Request as AddRequest, add};
pub use files::Store;
pub use noise::{Origin, Request as NoiseRequest, noise};
