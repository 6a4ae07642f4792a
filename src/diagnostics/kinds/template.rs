//! GEN05xx: templates, built in or of the user.

use crate::diagnostics::catalogue::errors;

errors! {
    /// A template that cannot be rendered, or does not render to objects.
    TemplateError {
        /// The template language (minijinja) does not understand it.
        501 Spec Syntax { problem: String } "the template is not understood: {problem}", "the language is that of minijinja: https://docs.rs/minijinja/latest/minijinja/syntax/";
        /// An expression asks for something that the context does not hold. Nothing is ever printed as empty by mistake.
        502 Spec Undefined { what: String } "{what} is not defined", "`gen template show NAME` prints the built-in template and what it may use";
        /// Rendering has a budget of steps, so that no loop runs for ever.
        503 Spec OutOfFuel {} "the template takes too many steps", "look for a loop that grows";
        /// The rendered text is not YAML. Values never enter the text, so the fault is in the template's own lines.
        504 Spec NotYaml { problem: String } "the rendered text is not YAML: {problem}", "look at the template's own indentation: values cannot break it";
        /// An expression stands where no value can be put: in a tag, an anchor or an alias.
        505 Spec MarkerPlace { place: String } "an expression may not stand in {place}", "";
        /// Two keys of a mapping are the same after their expressions were replaced.
        506 Spec DuplicateKey { key: String } "the key `{key}` comes about twice", "";
        /// A key that is not a text.
        507 Spec KeyNotText { found: String } "a key must be a text, this is {found}", "";
        /// A list, a mapping or nothing cannot be part of a text.
        508 Spec NotText { found: String } "{found} cannot be joined into a text", "print a text or a number here, or let the expression be the whole value";
        /// Captured text holds places of values, so a filter cannot see the values.
        509 Spec FilterOnCapture { filter: String } "the filter `{filter}` cannot be applied to captured text", "apply it to the values inside; `indent` and `trim` work on captured text";
        /// A file in templates/ that no built-in template and no task has.
        510 Spec UnknownOverride { path: String, hint: String } "`templates/{path}` overrides nothing", "{hint}";
        /// What a template renders must be a mapping with apiVersion, kind and metadata.name.
        511 Spec NotAnObject { problem: String } "a document is no Kubernetes object: {problem}", "";
        /// The first document of a task template describes it; this one cannot be read.
        512 Spec Declaration { problem: String } "the task's declaration cannot be read: {problem}", "see `gen template show tasks/build-image`";
        /// Any other error that the template language reports.
        513 Spec Failed { problem: String } "the template failed: {problem}", "";
        /// An ejected template whose built-in base has changed since.
        514 Spec BaseMoved { name: String } "the built-in template `{name}` has changed since this copy was made", "compare with `gen template show {name}`, then eject again or update the hash in the first line";
        /// A task template rendered something other than one Task.
        515 Spec NotOneTask { found: String } "a task template must render one Task, this one renders {found}", "";
        /// A parameter inside a script can be broken out of by its value (Tekton TEP-0146).
        516 Spec ParamInScript { param: String } "`{param}` may not stand in a script: its value could run as a command", "give it to a variable, and use \"$X\": `env: {{X: {{param: NAME}}}}` or `{{X: {{result: TASK.RESULT}}}}` in the spec, `env: [{{name: X, value: {param}}}]` in a template";
        /// A value from the cluster could not be written: NaN, infinity or a number beyond 64 bits.
        517 Spec NotANumber { found: String } "{found} is no number that Kubernetes knows", "";
        /// One unit rendered to more than the limit.
        518 Spec TooLarge { limit: usize } "the template renders to more than {limit} bytes", "";
        /// Captured text (a macro's result, `{% set %}…{% endset %}`, `caller()`) holds places of values, not the values: whatever looks into it would be wrong.
        519 Spec CapturedText { how: String } "captured text cannot be {how}", "it can be printed, joined by `~`, indented, trimmed, named and passed on; for the rest, use the values inside it";
        /// U+E000 and U+E001 mark the places of values while a template renders.
        520 Spec ReservedCharacter {} "the characters U+E000 and U+E001 are reserved in a template's text", "let an expression print them, as in {{{{ \"\\ue000\" }}}}";
        /// A value that YAML has no words for: bytes, a macro that was not called, a loop.
        521 Spec Unprintable { found: String } "{found} cannot be written as YAML", "";
        /// Values never enter the text, so there is nothing to escape and nothing to switch.
        522 Spec AutoEscape {} "`autoescape` is not available", "remove the block: values never enter the text, so nothing needs escaping";
        /// Limits on a template's source, so that no file can exhaust the stack or the memory.
        523 Spec SourceTooLarge { what: String, limit: usize } "{what} is longer than {limit}", "split it";
        /// A filter or a test that does not exist. It is found even where the template would not reach it.
        524 Spec UnknownName { what: String, hint: String } "there is no {what}", "{hint}";
        /// Values are data: they have no methods.
        525 Spec Method { name: String } "values have no methods, and no `{name}`", "use a filter, as in `labels|items`";
        /// A module is a file's macros and names under one name, and no value.
        526 Spec ModuleAsValue { name: String } "`{name}` is a module and can only be used as `{name}.something`", "";
        /// A value that is put into itself again and again; each level of it takes stack, and the stack ends.
        528 Spec GrowsWithoutEnd { name: String } "`{name}` may be nested without end", "add to a list with `chain`, and do not put a value into a list or mapping of its own name";
        /// Lists that are added to each other are put together when somebody looks: sixty that are added to themselves never end.
        529 Spec SumOfLists {} "both sides of this sum may be lists", "for lists, `first | chain(second)`; for numbers and texts, say so of one side: `first | int + second`, `first ~ second`";
        /// No template has this name.
        527 Spec NoTemplate { name: String, hint: String } "there is no template `{name}`", "{hint}";
    }
}
