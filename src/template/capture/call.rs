//! Calls: of gen's functions, of macros, and of names that could be either.

use minijinja::machinery::Span as AstSpan;
use minijinja::machinery::ast::{Call, CallArg, CallType, Expr};

use super::Walk;
use super::expr::value_of;
use super::flow::Flow;
use super::stmt::KEPT;
use crate::diagnostics::TemplateError;

impl<'t> Walk<'_, 't> {
    /// Walks a call and returns what it can return.
    pub(super) fn call(&mut self, call: &Call<'t>, span: AstSpan) -> Flow {
        match call.identify_call() {
            CallType::Function(name) if self.facts.is_function(self.group, name) => {
                self.function(name, &call.args, span)
            }
            CallType::Function("loop") => {
                self.plain_args(&call.args, "iterated over");
                Flow::CAPTURED
            }
            CallType::Function(name) => self.fill(Some(name), &call.args, span),
            CallType::Block(_) => Flow::CAPTURED,
            CallType::Method(Expr::Var(base), name @ ("cycle" | "changed"))
                if base.id == "loop" =>
            {
                self.plain_args(&call.args, &format!("passed to `loop.{name}`"))
            }
            CallType::Method(Expr::Var(base), name) if self.is_module(base.id) => {
                self.fill(Some(name), &call.args, span)
            }
            CallType::Method(base, name) => {
                self.expr(base);
                self.plain_args(&call.args, &format!("passed to `{name}`"));
                let name = format!(".{name}()");
                self.problem(TemplateError::Method { name }, span);
                Flow::PLAIN
            }
            CallType::Object(callee) => {
                self.plain(callee, "called");
                self.fill(None, &call.args, span)
            }
        }
    }

    fn function(&mut self, name: &'t str, args: &[CallArg<'t>], span: AstSpan) -> Flow {
        let how = match name {
            "namespace" => KEPT.to_owned(),
            _ => format!("passed to `{name}`"),
        };
        let mut result = Flow::PLAIN;
        for arg in args {
            let flow = self.plain(value_of(arg), &how);
            result = match arg {
                CallArg::Kwarg(key, _) if name == "namespace" => {
                    self.keep(key, flow, span);
                    result
                }
                CallArg::Kwarg(..) => result.or(flow.inside(1)),
                _ => result.or(flow),
            };
        }
        if name == "namespace" {
            // It contains anything stored in it, now or later.
            result = result.or(self.facts.namespace(self.group));
        }
        result
    }

    /// A call of any possible macro: its parameters hold the arguments.
    fn fill(&mut self, callee: Option<&'t str>, args: &[CallArg<'t>], span: AstSpan) -> Flow {
        let mut position = Some(0);
        for arg in args {
            let flow = self.expr(value_of(arg));
            let targets = if flow == Flow::PLAIN {
                Vec::new()
            } else {
                self.facts.targets(self.group, callee)
            };
            for parameters in targets {
                let filled: &[&'t str] = match (arg, position) {
                    (CallArg::Pos(_), Some(n)) => parameters.get(n..=n).unwrap_or_default(),
                    (CallArg::Kwarg(name, _), _) => {
                        let named = parameters.iter().position(|p| p == name);
                        named.map_or(&[], |n| &parameters[n..=n])
                    }
                    // After a list of arguments any position is possible.
                    _ => &parameters,
                };
                for name in filled {
                    self.hold(name, flow, span);
                }
            }
            position = match arg {
                CallArg::Pos(_) => position.map(|n| n + 1),
                CallArg::PosSplat(_) => None,
                _ => position,
            };
        }
        Flow::CAPTURED
    }
}
