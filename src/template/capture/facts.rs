//! Facts about all templates, needed to judge any of them: shared names and their possible values.

use std::collections::{HashMap, HashSet};

use minijinja::machinery::ast::{Expr, Macro, Stmt};

use super::flow::{DEPTH, Flow};
use super::parsed::Parsed;

/// A name in a group of templates.
type Name<'t> = (usize, &'t str);

/// See the module.
#[derive(Default)]
pub(super) struct Facts<'t> {
    /// For each template, the group that it shares names with, by include, import or extends.
    pub(super) groups: Vec<usize>,
    /// The possible values of names.
    pub(super) flows: HashMap<Name<'t>, Flow>,
    /// The possible values of names in namespaces; equal names are merged across namespaces.
    pub(super) kept: HashMap<Name<'t>, Flow>,
    /// Grows with each new fact, so that the walk ends when there are no new ones.
    pub(super) version: u64,
    /// Names that are only namespaces.
    pub(super) namespaces: HashSet<Name<'t>>,
    /// Names of imported modules.
    pub(super) modules: HashSet<Name<'t>>,
    /// Macros with the names of their parameters; several if they share a name.
    pub(super) macros: HashMap<Name<'t>, Vec<Vec<&'t str>>>,
    /// Parameters of call blocks: `caller(…)` fills them.
    pub(super) callers: HashMap<usize, Vec<Vec<&'t str>>>,
    /// Assigned names, which can be any macro.
    pub(super) assigned: HashSet<Name<'t>>,
}

impl<'t> Facts<'t> {
    pub(super) fn collect(templates: &[Parsed<'t>]) -> Self {
        let mut links = Links::new(templates.len());
        for (index, template) in templates.iter().enumerate() {
            visit(&template.tree, &mut |stmt| {
                let other = match stmt {
                    Stmt::Include(s) => &s.name,
                    Stmt::Extends(s) => &s.name,
                    Stmt::Import(s) => &s.expr,
                    Stmt::FromImport(s) => &s.expr,
                    _ => return,
                };
                match other.as_const() {
                    Some(name) if name.as_str().is_some() => {
                        let name = name.as_str();
                        if let Some(other) = templates.iter().position(|t| Some(t.name) == name) {
                            links.join(index, other);
                        }
                    }
                    // A computed name can be any template.
                    _ => (0..templates.len()).for_each(|other| links.join(index, other)),
                }
            });
        }
        let mut facts = Self {
            groups: (0..templates.len()).map(|n| links.root(n)).collect(),
            ..Self::default()
        };
        for (index, template) in templates.iter().enumerate() {
            let group = facts.groups[index];
            visit(&template.tree, &mut |stmt| facts.learn(group, stmt));
        }
        facts
    }

    fn learn(&mut self, group: usize, stmt: &Stmt<'t>) {
        match stmt {
            Stmt::Set(s) => {
                if let (Expr::Var(var), true) = (&s.target, is_namespace(&s.expr)) {
                    let name = (group, var.id);
                    if self.assigned.insert(name) {
                        self.namespaces.insert(name);
                    }
                } else {
                    self.assign(group, &s.target);
                }
            }
            Stmt::SetBlock(s) => self.assign(group, &s.target),
            Stmt::ForLoop(s) => self.assign(group, &s.target),
            Stmt::WithBlock(s) => {
                for (target, _) in &s.assignments {
                    self.assign(group, target);
                }
            }
            Stmt::Import(s) => {
                if let Expr::Var(var) = &s.name {
                    self.modules.insert((group, var.id));
                }
            }
            Stmt::FromImport(s) => {
                for (_, alias) in &s.names {
                    if let Some(alias) = alias {
                        self.assign(group, alias);
                    }
                }
            }
            Stmt::Macro(s) => {
                let parameters = self.parameters(group, s);
                let known = self.macros.entry((group, s.name)).or_default();
                known.push(parameters);
            }
            Stmt::CallBlock(s) => {
                let parameters = self.parameters(group, &s.macro_decl);
                self.callers.entry(group).or_default().push(parameters);
            }
            _ => {}
        }
    }

    fn parameters(&mut self, group: usize, declared: &Macro<'t>) -> Vec<&'t str> {
        let mut names = Vec::new();
        for parameter in &declared.args {
            self.assign(group, parameter);
            if let Expr::Var(var) = parameter {
                names.push(var.id);
            }
        }
        names
    }

    fn assign(&mut self, group: usize, target: &Expr<'t>) {
        match target {
            Expr::Var(var) => {
                self.assigned.insert((group, var.id));
                self.namespaces.remove(&(group, var.id));
            }
            Expr::List(list) => list.items.iter().for_each(|t| self.assign(group, t)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|t| self.assign(group, t)),
            _ => {}
        }
    }

    /// Adds a possible value of a name; an error if it can be nested endlessly.
    pub(super) fn hold(&mut self, name: Name<'t>, flow: Flow) -> Result<(), ()> {
        let Self { flows, version, .. } = self;
        raise(flows, version, name, flow)
    }

    /// Adds a possible value of a name in a namespace.
    pub(super) fn keep(&mut self, name: Name<'t>, flow: Flow) -> Result<(), ()> {
        let Self { kept, version, .. } = self;
        raise(kept, version, name, flow)
    }

    /// A namespace, with everything stored in any of them.
    pub(super) fn namespace(&self, group: usize) -> Flow {
        Flow { captured: false, depth: self.deepest_kept(group) + 1 }
    }

    /// The deepest value in any namespace.
    pub(super) fn deepest_kept(&self, group: usize) -> u32 {
        let kept = self.kept.iter().filter(|((g, _), _)| *g == group);
        kept.map(|(_, flow)| flow.depth).max().unwrap_or_default()
    }

    /// The parameters that a call by this name can set: those of the macros with this name, or of all macros if the name can
    /// be another.
    pub(super) fn targets(&self, group: usize, callee: Option<&'t str>) -> Vec<Vec<&'t str>> {
        let named = callee.filter(|name| !self.assigned.contains(&(group, *name)));
        if let Some(found) = named.and_then(|name| self.macros.get(&(group, name))) {
            return found.clone();
        }
        let macros = self.macros.iter().filter(|((g, _), _)| *g == group);
        let callers = self.callers.get(&group).into_iter().flatten();
        macros.flat_map(|(_, found)| found).chain(callers).cloned().collect()
    }

    /// Whether a name is one of gen's functions, and not defined by the template.
    pub(super) fn is_function(&self, group: usize, name: &'t str) -> bool {
        super::super::filters::FUNCTIONS.contains(&name)
            && !self.macros.contains_key(&(group, name))
            && !self.assigned.contains(&(group, name))
    }
}

fn raise<'t>(
    flows: &mut HashMap<Name<'t>, Flow>,
    version: &mut u64,
    name: Name<'t>,
    flow: Flow,
) -> Result<(), ()> {
    let known = flows.entry(name).or_default();
    let raised = known.or(flow);
    if raised.depth > DEPTH {
        return Err(());
    }
    if raised != *known {
        *known = raised;
        *version += 1;
    }
    Ok(())
}

fn is_namespace(expr: &Expr<'_>) -> bool {
    matches!(expr, Expr::Call(call) if matches!(&call.expr, Expr::Var(var) if var.id == "namespace"))
}

/// Groups, merged on contact.
struct Links {
    parent: Vec<usize>,
}

impl Links {
    fn new(count: usize) -> Self {
        Self { parent: (0..count).collect() }
    }

    fn root(&self, mut n: usize) -> usize {
        while self.parent[n] != n {
            n = self.parent[n];
        }
        n
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

/// Calls `look` for a statement and everything in it.
fn visit<'a, 't>(stmt: &'a Stmt<'t>, look: &mut impl FnMut(&'a Stmt<'t>)) {
    look(stmt);
    let bodies: [&'a [Stmt<'t>]; 2] = match stmt {
        Stmt::Template(s) => [&s.children, &[]],
        Stmt::ForLoop(s) => [&s.body, &s.else_body],
        Stmt::IfCond(s) => [&s.true_body, &s.false_body],
        Stmt::WithBlock(s) => [&s.body, &[]],
        Stmt::SetBlock(s) => [&s.body, &[]],
        Stmt::AutoEscape(s) => [&s.body, &[]],
        Stmt::FilterBlock(s) => [&s.body, &[]],
        Stmt::Block(s) => [&s.body, &[]],
        Stmt::Macro(s) => [&s.body, &[]],
        Stmt::CallBlock(s) => [&s.macro_decl.body, &[]],
        _ => [&[], &[]],
    };
    for inner in bodies.into_iter().flatten() {
        visit(inner, look);
    }
}
