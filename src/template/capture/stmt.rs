//! Statements: their bindings, and invalid uses.

use minijinja::machinery::ast::{Expr, Macro, Stmt};

use super::Walk;
use super::flow::Flow;
use crate::diagnostics::TemplateError;
use crate::template::marker::holds_reserved;

impl<'t> Walk<'_, 't> {
    pub(super) fn stmt(&mut self, stmt: &Stmt<'t>) {
        match stmt {
            Stmt::Template(s) => self.body(&s.children),
            Stmt::EmitRaw(s) => {
                if holds_reserved(s.raw) {
                    self.problem(TemplateError::ReservedCharacter {}, s.span());
                }
            }
            Stmt::EmitExpr(s) => {
                self.expr(&s.expr);
            }
            Stmt::ForLoop(s) => {
                let items = self.plain(&s.iter, "iterated over");
                self.bind(&s.target, items);
                if let Some(filter) = &s.filter_expr {
                    self.tested(filter);
                }
                self.body(&s.body);
                self.body(&s.else_body);
            }
            Stmt::IfCond(s) => {
                self.tested(&s.expr);
                self.body(&s.true_body);
                self.body(&s.false_body);
            }
            Stmt::WithBlock(s) => {
                for (target, value) in &s.assignments {
                    let flow = self.expr(value);
                    self.bind(target, flow);
                }
                self.body(&s.body);
            }
            Stmt::Set(s) => {
                let flow = self.expr(&s.expr);
                self.bind(&s.target, flow);
            }
            Stmt::SetBlock(s) => {
                self.body(&s.body);
                let flow = match &s.filter {
                    Some(filter) => self.expr(filter),
                    None => Flow::CAPTURED,
                };
                self.bind(&s.target, flow);
            }
            Stmt::AutoEscape(s) => {
                self.problem(TemplateError::AutoEscape {}, s.span());
                self.body(&s.body);
            }
            Stmt::FilterBlock(s) => {
                self.body(&s.body);
                self.expr(&s.filter);
            }
            Stmt::Block(s) => self.body(&s.body),
            Stmt::Import(s) => {
                self.plain(&s.expr, NAME);
                if !matches!(s.name, Expr::Var(_)) {
                    self.problem(TemplateError::ModuleAsValue { name: "it".to_owned() }, s.span());
                }
            }
            Stmt::FromImport(s) => {
                self.plain(&s.expr, NAME);
                for (name, alias) in &s.names {
                    if let (Expr::Var(var), Some(alias)) = (name, alias) {
                        self.bind(alias, self.held(var.id));
                    }
                }
            }
            Stmt::Extends(s) => {
                self.plain(&s.name, NAME);
            }
            Stmt::Include(s) => {
                self.plain(&s.name, NAME);
            }
            Stmt::Macro(s) => self.declaration(s),
            Stmt::CallBlock(s) => {
                self.call(&s.call, s.call_expr_span);
                self.declaration(&s.macro_decl);
            }
            Stmt::Do(s) => {
                self.call(&s.call, s.span());
            }
        }
    }

    fn body(&mut self, body: &[Stmt<'t>]) {
        for stmt in body {
            self.stmt(stmt);
        }
    }

    fn declaration(&mut self, declared: &Macro<'t>) {
        // Defaults belong to the last parameters.
        let first = declared.args.len().saturating_sub(declared.defaults.len());
        for (parameter, default) in declared.args[first..].iter().zip(&declared.defaults) {
            let flow = self.expr(default);
            self.bind(parameter, flow);
        }
        self.body(&declared.body);
    }

    /// Binds a name to a value.
    fn bind(&mut self, target: &Expr<'t>, flow: Flow) {
        match target {
            Expr::Var(var) => self.hold(var.id, flow, var.span()),
            Expr::GetAttr(attr) if flow.captured => self.misuse(KEPT, attr.span()),
            Expr::GetAttr(attr) => self.keep(attr.name, flow, attr.span()),
            other if flow.captured => self.misuse("taken apart", other.span()),
            Expr::List(list) => list.items.iter().for_each(|t| self.bind(t, flow)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|t| self.bind(t, flow)),
            _ => {}
        }
    }
}

const NAME: &str = "the name of a template";
pub(super) const KEPT: &str = "kept in a namespace";
