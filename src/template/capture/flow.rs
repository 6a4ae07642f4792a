//! What is known of an expression's value before it has one.

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flow {
    /// It may be captured text.
    pub(super) captured: bool,
    /// How many levels the template may have put around the values of the context.
    pub(super) depth: u32,
}

/// More levels than any template needs; the count of a value that grows without end passes it.
pub(super) const DEPTH: u32 = 100;

impl Flow {
    /// A text, a number or a truth value of the template's own.
    pub(super) const PLAIN: Self = Self {
        captured: false,
        depth: 0,
    };

    /// What a macro or a block returns.
    pub(super) const CAPTURED: Self = Self {
        captured: true,
        depth: 0,
    };

    /// One of two.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            captured: self.captured || other.captured,
            depth: self.depth.max(other.depth),
        }
    }

    /// With levels around it. Captured text is never inside of something: that is an error already.
    pub(super) fn inside(self, levels: u32) -> Self {
        Self {
            captured: false,
            depth: self.depth + levels,
        }
    }
}
