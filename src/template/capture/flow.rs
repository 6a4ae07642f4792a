//! Static knowledge about an expression's value.

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flow {
    /// Whether it can be captured text.
    pub(super) captured: bool,
    /// Maximum number of levels added by the template around the values of the context.
    pub(super) depth: u32,
}

/// More levels than any template needs; only an endlessly growing value exceeds it.
pub(super) const DEPTH: u32 = 100;

impl Flow {
    /// A string, a number or a boolean of the template's own.
    pub(super) const PLAIN: Self = Self { captured: false, depth: 0 };

    /// The result of a macro or a block.
    pub(super) const CAPTURED: Self = Self { captured: true, depth: 0 };

    /// Either of two.
    pub(super) fn or(self, other: Self) -> Self {
        Self { captured: self.captured || other.captured, depth: self.depth.max(other.depth) }
    }

    /// With levels around it. Captured text is never nested: that is already an error.
    pub(super) fn inside(self, levels: u32) -> Self {
        Self { captured: false, depth: self.depth + levels }
    }
}
