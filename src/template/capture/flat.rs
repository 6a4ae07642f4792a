//! Expressions that are never a list, whatever the context: one such operand makes a sum safe, because a list and anything else have
//! no sum.

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, UnaryOpKind};
use minijinja::value::ValueKind;

use crate::template::filters;

/// Whether the value is certainly a number, a string or a boolean.
pub(super) fn is_flat(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Const(constant) => {
            !matches!(constant.value.kind(), ValueKind::Seq | ValueKind::Iterable | ValueKind::Map)
        }
        Expr::UnaryOp(op) => matches!(op.op, UnaryOpKind::Not | UnaryOpKind::Neg),
        Expr::BinOp(op) => match op.op {
            // If one side is not a list, the other cannot be one: there is no such sum.
            BinOpKind::Add => is_flat(&op.left) || is_flat(&op.right),
            // A list times a number is a list; `and` and `or` return one of their sides.
            BinOpKind::Mul | BinOpKind::ScAnd | BinOpKind::ScOr => {
                is_flat(&op.left) && is_flat(&op.right)
            }
            _ => true,
        },
        Expr::Compare(_) | Expr::Test(_) => true,
        Expr::IfExpr(choice) => {
            is_flat(&choice.true_expr) && choice.false_expr.as_ref().is_none_or(is_flat)
        }
        Expr::Filter(filter) => filters::is_flat(filter.name),
        Expr::GetAttr(attr) => {
            let of_loop = matches!(&attr.expr, Expr::Var(var) if var.id == "loop");
            of_loop
                && ["index", "index0", "revindex", "revindex0", "length", "depth"]
                    .contains(&attr.name)
        }
        _ => false,
    }
}

/// Whether `sum` with these arguments starts with a number, as it does by default.
pub(super) fn sums_numbers(args: &[CallArg<'_>]) -> bool {
    args.iter().enumerate().all(|(place, arg)| match arg {
        CallArg::Pos(start) => place == 0 || is_flat(start),
        CallArg::Kwarg(name, start) => *name != "start" || is_flat(start),
        CallArg::PosSplat(_) | CallArg::KwargSplat(_) => false,
    })
}
