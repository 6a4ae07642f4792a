//! GEN05xx: templates, built in or of the user.

use crate::diagnostics::catalogue::errors;

errors! {
    /// A template that cannot be rendered, or does not render objects.
    TemplateError {
        /// The template has a syntax error (minijinja).
        501 Spec Syntax { problem: String } "template syntax error: {problem}", "see minijinja's syntax: https://docs.rs/minijinja/latest/minijinja/syntax/";
        /// An expression uses an undefined value. Undefined values never print as empty.
        502 Spec Undefined { what: String } "{what} is not defined", "see the built-in template and its values with `gen template show NAME`";
        /// Rendering is limited to a number of steps, so that loops end.
        503 Spec OutOfFuel {} "the template exceeds the step limit", "look for an endless loop";
        /// The rendered text is not YAML. Values never enter the text, so the template's own lines are at fault.
        504 Spec NotYaml { problem: String } "cannot parse the rendered text: {problem}", "check the template's own indentation: values cannot break it";
        /// An expression in a tag, an anchor or an alias.
        505 Spec MarkerPlace { place: String } "an expression is not allowed in {place}", "";
        /// Two keys of a mapping are equal after rendering.
        506 Spec DuplicateKey { key: String } "duplicate key `{key}` after rendering", "";
        /// A key that is not a string.
        507 Spec KeyNotText { found: String } "a key must be a string, not {found}", "";
        /// A list, a mapping or null cannot be part of a string.
        508 Spec NotText { found: String } "{found} cannot be joined into a string", "print a string or a number here, or make the expression the whole value";
        /// Captured text contains placeholders, so filters cannot see the values.
        509 Spec FilterOnCapture { filter: String } "the filter `{filter}` cannot be applied to captured text", "apply it to the values inside; captured text supports `indent` and `trim`";
        /// The file in templates/ matches no built-in template and no task.
        510 Spec UnknownOverride { path: String, hint: String } "`templates/{path}` overrides nothing", "{hint}";
        /// A template must render mappings with apiVersion, kind and metadata.name.
        511 Spec NotAnObject { problem: String } "a document is not a Kubernetes object: {problem}", "";
        /// The declaration, a task template's first document, is invalid.
        512 Spec Declaration { problem: String } "cannot read the task's declaration: {problem}", "see `gen template show tasks/build-image`";
        /// Any other error of the template engine.
        513 Spec Failed { problem: String } "the template failed: {problem}", "";
        /// The built-in base of an ejected template has changed.
        514 Done BaseMoved { name: String } "the built-in template `{name}` has changed since this copy was made", "compare it with `gen template show {name}`, then eject it again with `--force` or update the hash in the first line";
        /// A task template rendered something other than one Task.
        515 Spec NotOneTask { found: String } "a task template must render one Task, not {found}", "";
        /// A parameter in a script allows command injection (Tekton TEP-0146).
        516 Spec ParamInScript { param: String } "`{param}` is not allowed in a script: its value could run as a command", "use \"$X\" with a variable: `env: {{X: {{param: NAME}}}}` or `{{X: {{result: TASK.RESULT}}}}` in the spec, `env: [{{name: X, value: {param}}}]` in a template";
        /// A number that YAML cannot carry to the cluster: NaN, infinity, or beyond 64 bits.
        517 Spec NotANumber { found: String } "{found} is not a valid number for Kubernetes", "";
        /// The output of a unit exceeds the limit.
        518 Spec TooLarge { limit: usize } "the template renders more than {limit} bytes", "";
        /// Captured text (a macro's result, `{% set %}…{% endset %}`, `caller()`) contains placeholders, not values, so inspecting it would give wrong results.
        519 Spec CapturedText { how: String } "captured text cannot be {how}", "print it, join it with `~`, indent, trim, name or pass it on; otherwise, use the values inside";
        /// U+E000 and U+E001 mark placeholders while a template renders.
        520 Spec ReservedCharacter {} "the characters U+E000 and U+E001 are reserved in templates", "print them with an expression: {{{{ \"\\ue000\" }}}}";
        /// A value without a YAML form: bytes, an uncalled macro, a loop.
        521 Spec Unprintable { found: String } "{found} cannot be written as YAML", "";
        /// Values never enter the text, so there is nothing to escape.
        522 Spec AutoEscape {} "`autoescape` is not supported", "remove the block: values never enter the text, so nothing needs escaping";
        /// Limits on a template's source, so that no file can exhaust the stack or memory.
        523 Spec SourceTooLarge { what: String, limit: usize } "{what} is longer than {limit}", "split it";
        /// An unknown filter or test, found even in code that does not run.
        524 Spec UnknownName { what: String, hint: String } "unknown {what}", "{hint}";
        /// Values are data: they have no methods.
        525 Spec Method { name: String } "values have no methods: `{name}`", "use a filter, as in `labels|items`";
        /// A module holds a file's macros and names, and is not a value.
        526 Spec ModuleAsValue { name: String } "`{name}` is a module: use `{name}.something`", "";
        /// A value nested in itself repeatedly would exhaust the stack.
        528 Spec GrowsWithoutEnd { name: String } "`{name}` could be nested endlessly", "extend lists with `chain`, and do not put a value into a list or mapping of the same name";
        /// Sums of lists are lazy: sixty lists added to themselves never finish.
        529 Spec SumOfLists {} "both operands of `+` could be lists", "for lists, use `first | chain(second)`; for numbers and strings, convert one: `first | int + second`, `first ~ second`";
        /// No template has this name.
        527 Spec NoTemplate { name: String, hint: String } "unknown template `{name}`", "{hint}";
    }
}
