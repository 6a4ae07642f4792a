//! Which expressions are no list, whatever the context holds: of a sum, one such side is enough, because a list and anything else have
//! no sum.

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, UnaryOpKind};
use minijinja::value::ValueKind;

use crate::template::filters;

/// Whether it can be seen that the value is a number, a text or a truth value.
pub(super) fn is_flat(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Const(constant) => !matches!(
            constant.value.kind(),
            ValueKind::Seq | ValueKind::Iterable | ValueKind::Map
        ),
        Expr::UnaryOp(op) => matches!(op.op, UnaryOpKind::Not | UnaryOpKind::Neg),
        Expr::BinOp(op) => match op.op {
            // Where one side is no list, the other cannot be one: there is no such sum.
            BinOpKind::Add => is_flat(&op.left) || is_flat(&op.right),
            // A list times a number is a list; `and` and `or` give one of their sides.
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
                && [
                    "index",
                    "index0",
                    "revindex",
                    "revindex0",
                    "length",
                    "depth",
                ]
                .contains(&attr.name)
        }
        _ => false,
    }
}

/// Whether `sum` with these arguments begins with a number, as it does where it is told of no other beginning.
pub(super) fn sums_numbers(args: &[CallArg<'_>]) -> bool {
    args.iter().enumerate().all(|(place, arg)| match arg {
        CallArg::Pos(start) => place == 0 || is_flat(start),
        CallArg::Kwarg(name, start) => *name != "start" || is_flat(start),
        CallArg::PosSplat(_) | CallArg::KwargSplat(_) => false,
    })
}
