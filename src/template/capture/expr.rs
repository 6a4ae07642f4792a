//! Expressions: their possible values, and valid uses of captured text.

use minijinja::machinery::Span as AstSpan;
use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Filter, UnaryOpKind};

use super::flow::Flow;
use super::{Walk, flat};
use crate::diagnostics::TemplateError;
use crate::template::filters::{self, FILTERS, TESTS};
use crate::template::marker::holds_reserved;
use crate::template::nearest::did_you_mean;

impl<'t> Walk<'_, 't> {
    /// Walks an expression and returns its possible values.
    pub(super) fn expr(&mut self, expr: &Expr<'t>) -> Flow {
        match expr {
            Expr::Var(var) => {
                if self.is_module(var.id) {
                    let name = var.id.to_owned();
                    self.problem(TemplateError::ModuleAsValue { name }, var.span());
                }
                self.held(var.id)
            }
            Expr::Const(constant) => {
                self.writes_reserved |= holds_reserved(&constant.value.to_string());
                Flow::PLAIN
            }
            Expr::Slice(slice) => {
                let bounds = [&slice.start, &slice.stop, &slice.step];
                for bound in bounds.into_iter().flatten() {
                    self.plain(bound, INDEX);
                }
                // A slice of a list is a view of it.
                self.plain(&slice.expr, "sliced").inside(1)
            }
            Expr::UnaryOp(op) => {
                match op.op {
                    UnaryOpKind::Not => self.tested(&op.expr),
                    UnaryOpKind::Neg => self.plain(&op.expr, CALCULATED),
                };
                Flow::PLAIN
            }
            Expr::BinOp(op) => {
                let sums = matches!(op.op, BinOpKind::Add);
                if sums && !flat::is_flat(&op.left) && !flat::is_flat(&op.right) {
                    self.problem(TemplateError::SumOfLists {}, op.span());
                }
                self.binary(op.op, &op.left, &op.right)
            }
            Expr::Compare(compare) => {
                self.plain(&compare.expr, COMPARED);
                for op in &compare.ops {
                    self.plain(&op.expr, COMPARED);
                }
                Flow::PLAIN
            }
            Expr::IfExpr(choice) => {
                self.tested(&choice.test_expr);
                let yes = self.expr(&choice.true_expr);
                let no = choice.false_expr.as_ref().map(|no| self.expr(no));
                yes.or(no.unwrap_or_default())
            }
            Expr::Filter(filter) => self.filter(filter, filter.span()),
            Expr::Test(test) => {
                let name: String = test.name.split_whitespace().collect();
                if !TESTS.contains(&name.as_str()) {
                    self.unknown("test", &name, TESTS, test.span());
                }
                let tested = self.expr(&test.expr);
                if tested.captured && !matches!(name.as_str(), "defined" | "undefined") {
                    self.misuse(&format!("tested with `is {name}`"), test.span());
                }
                self.plain_args(&test.args, COMPARED);
                Flow::PLAIN
            }
            Expr::GetAttr(attr) => self.attribute(&attr.expr, attr.name),
            Expr::GetItem(item) => {
                self.plain(&item.subscript_expr, INDEX);
                self.plain(&item.expr, LOOKED_INTO)
            }
            Expr::Call(call) => self.call(call, call.span()),
            Expr::List(list) => self.items(&list.items).inside(1),
            Expr::Tuple(tuple) => self.items(&tuple.items).inside(1),
            Expr::Map(map) => self.items(&map.keys).or(self.items(&map.values)).inside(1),
        }
    }

    fn attribute(&mut self, base: &Expr<'t>, name: &'t str) -> Flow {
        match base {
            Expr::Var(var) if self.is_module(var.id) => self.held(name),
            Expr::Var(var) if self.is_namespace(var.id) => {
                let kept = self.facts.kept.get(&(self.group, name));
                kept.copied().unwrap_or_default()
            }
            // Any other value is at least as deep as its content.
            _ => self.plain(base, LOOKED_INTO),
        }
    }

    fn binary(&mut self, op: BinOpKind, left: &Expr<'t>, right: &Expr<'t>) -> Flow {
        match op {
            // Joining captured text with a value prints the value: a marker stands for it.
            BinOpKind::Concat => {
                Flow { captured: self.expr(left).or(self.expr(right)).captured, depth: 0 }
            }
            BinOpKind::Add => self.expr(left).or(self.expr(right)),
            BinOpKind::ScAnd | BinOpKind::ScOr => self.tested(left).or(self.expr(right)),
            // A list times a number is a view of it.
            BinOpKind::Mul => {
                let (left, right) = (self.plain(left, CALCULATED), self.plain(right, CALCULATED));
                left.or(right).inside(1)
            }
            BinOpKind::Sub
            | BinOpKind::Div
            | BinOpKind::FloorDiv
            | BinOpKind::Rem
            | BinOpKind::Pow => {
                self.plain(left, CALCULATED);
                self.plain(right, CALCULATED);
                Flow::PLAIN
            }
            BinOpKind::Eq
            | BinOpKind::Ne
            | BinOpKind::Lt
            | BinOpKind::Lte
            | BinOpKind::Gt
            | BinOpKind::Gte
            | BinOpKind::In => {
                self.plain(left, COMPARED);
                self.plain(right, COMPARED);
                Flow::PLAIN
            }
        }
    }

    fn filter(&mut self, filter: &Filter<'t>, span: AstSpan) -> Flow {
        let input = match &filter.expr {
            Some(expr) => self.expr(expr),
            // It is applied to a block.
            None => Flow::CAPTURED,
        };
        let name: String = filter.name.split_whitespace().collect();
        if !FILTERS.contains(&name.as_str()) {
            self.unknown("filter", &name, FILTERS, span);
            return Flow::PLAIN;
        }
        if name == "sum" && !flat::sums_numbers(&filter.args) {
            self.problem(TemplateError::SumOfLists {}, span);
        }
        let mut output = input;
        let mut is_right = !input.captured
            || match name.as_str() {
                "indent" => true,
                // It could trim a part of a marker.
                "trim" => filter.args.is_empty(),
                _ => false,
            };
        for arg in &filter.args {
            let arg = self.expr(value_of(arg));
            is_right &= !arg.captured;
            output = output.or(arg);
        }
        if !is_right {
            let filter = name.clone();
            self.problem(TemplateError::FilterOnCapture { filter }, span);
        }
        Flow { captured: input.captured && is_right, depth: filters::depth(&name, output.depth) }
    }

    fn unknown(&mut self, what: &str, name: &str, known: &[&str], span: AstSpan) {
        let hint = match name {
            "safe" | "escape" | "e" | "escaped" => {
                "values never enter the text, so nothing needs escaping or marking as safe"
                    .to_owned()
            }
            _ => did_you_mean(name, known.iter().copied())
                .unwrap_or_else(|| format!("available: {}", known.join(", "))),
        };
        let what = format!("{what} `{name}`");
        self.problem(TemplateError::UnknownName { what, hint }, span);
    }

    /// An expression that cannot be captured text.
    pub(super) fn plain(&mut self, expr: &Expr<'t>, how: &str) -> Flow {
        let flow = self.expr(expr);
        if flow.captured {
            self.misuse(how, expr.span());
        }
        Flow { captured: false, ..flow }
    }

    /// A condition. Captured text with a value in it is never empty, even if the value is.
    pub(super) fn tested(&mut self, expr: &Expr<'t>) -> Flow {
        self.plain(expr, "tested as true or false")
    }

    /// Arguments that cannot be captured text.
    pub(super) fn plain_args(&mut self, args: &[CallArg<'t>], how: &str) -> Flow {
        let flows = args.iter().map(|arg| self.plain(value_of(arg), how));
        flows.fold(Flow::PLAIN, Flow::or)
    }

    fn items(&mut self, items: &[Expr<'t>]) -> Flow {
        let flows = items.iter().map(|item| self.plain(item, "put into a list or a mapping"));
        flows.fold(Flow::PLAIN, Flow::or)
    }
}

const COMPARED: &str = "compared";
const CALCULATED: &str = "calculated with";
const LOOKED_INTO: &str = "looked into";
const INDEX: &str = "an index";

/// The expression of an argument.
pub(super) fn value_of<'a, 't>(arg: &'a CallArg<'t>) -> &'a Expr<'t> {
    match arg {
        CallArg::Pos(expr)
        | CallArg::Kwarg(_, expr)
        | CallArg::PosSplat(expr)
        | CallArg::KwargSplat(expr) => expr,
    }
}
