//! The engines that a program knows, as a value that is passed down.

use std::sync::Arc;

use super::{Definition, hosted, of_variant, own, serial};
use crate::results::TaskVariant;
use crate::workload::{self, HostedEngine};

/// Engines by name, in the order of their registration. The plain loop and the own workers of
/// programs are always among them.
#[derive(Clone)]
pub struct Registry {
    engines: Vec<Arc<dyn Definition>>,
    /// Those that a workload brings along, if they are all there is.
    hosted: &'static [HostedEngine],
}

/// The engines that `workload` brings along, and its plain loop.
#[must_use]
pub fn hosted_by(workload: &dyn workload::Definition) -> Registry {
    let hosted = workload.hosted_engines();
    let engines = hosted
        .iter()
        .filter_map(|engine| hosted::find(hosted, engine.name));

    Registry {
        engines: engines.collect(),
        hosted,
    }
}

impl Registry {
    /// A registry of `engines`.
    pub fn new(engines: impl IntoIterator<Item = Arc<dyn Definition>>) -> Self {
        Self {
            engines: engines.into_iter().collect(),
            hosted: &[],
        }
    }

    /// Adds `engine`, in place of one of the same name.
    pub fn add(&mut self, engine: Arc<dyn Definition>) {
        match self
            .engines
            .iter_mut()
            .find(|known| known.name() == engine.name())
        {
            Some(known) => *known = engine,
            None => self.engines.push(engine),
        }
    }

    /// The engine called `name`; `serial` is the plain loop, `own` the own workers of a program,
    /// and `vs-pool` or `2-thread-pool` a variant of the tasks on one of these.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Arc<dyn Definition>> {
        if !self.hosted.is_empty() {
            return hosted::find(self.hosted, name);
        }

        if let Some(fixed) = [serial(), own()]
            .into_iter()
            .find(|fixed| fixed.name() == name)
        {
            return Some(fixed);
        }

        let known = self
            .engines
            .iter()
            .find(|engine| engine.name() == name)
            .cloned();
        known.or_else(|| {
            let (variant, inner) = TaskVariant::of_engine(name)?;
            Some(of_variant(variant, self.find(inner)?))
        })
    }

    /// The engine that distributes tasks unless another is asked for: the first one.
    #[must_use]
    pub fn default_engine(&self) -> Arc<dyn Definition> {
        self.engines.first().cloned().unwrap_or_else(serial)
    }

    /// Those of them that are there for `workload`: its own, where it brings engines along.
    #[must_use]
    pub fn of(&self, workload: &dyn workload::Definition) -> Self {
        if workload.hosted_engines().is_empty() {
            self.clone()
        } else {
            hosted_by(workload)
        }
    }

    /// The engine that distributes the tasks of `workload` unless another is asked for: the first
    /// one that can run it.
    #[must_use]
    pub fn default_for(&self, workload: &dyn workload::Definition) -> Arc<dyn Definition> {
        let mut engines = self.engines.iter();
        let accepting = engines.find(|engine| engine.accepts(workload).is_ok());

        accepting.cloned().unwrap_or_else(|| self.default_engine())
    }

    /// Every engine that distributes tasks, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Definition>> {
        self.engines.iter()
    }

    /// The names of all engines that distribute tasks, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.engines.iter().map(|engine| engine.name()).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::built_in;

    #[test]
    fn names_are_found_and_the_plain_loop_is_always_there() {
        let engines = built_in();
        for name in engines.names() {
            assert_eq!(engines.find(name).unwrap().name(), name);
        }
        assert_eq!(engines.find("serial").unwrap().name(), "serial");
        assert_eq!(engines.find("own").unwrap().name(), "own");
        assert!(engines.find("juggling").is_none());
        assert_eq!(engines.default_engine().name(), "pool");
    }

    #[test]
    fn an_engine_of_the_same_name_takes_the_place_of_the_first() {
        let mut engines = built_in();
        let pool = engines.default_engine();
        engines.add(pool);
        assert_eq!(engines.names(), built_in().names());
    }
}
