use super::{NO_ENV, names};
use crate::diagnostics::{Diagnostic, Look, Sources, SpecError, render};
use crate::permissions::script::permissions;

#[test]
fn the_errors_as_a_person_reads_them() {
    let scripts = [
        "kubectl -n \"$NAMESPACE\" logs \"$POD\"",
        "kubectl -n kube-system get pods",
        "kubectl get nodes",
        "kubectl get secret db -o jsonpath='{.data.password}' | base64 -d",
        "kubectl exec deploy/shop -- ./manage.py migrate",
        "kubectl apply -k overlays/dev",
        "kubectl get widgets",
        "flux reconcile kustomization apps --with-source",
        "gen diff --env dev",
        "#!/usr/bin/env python3\nimport os\nos.system('kubectl get pods')\n",
        "if kubectl get pods; echo",
        "kubectl get pods --all-namespaces -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image --sort-by=.metadata.name",
    ];
    let mut all = String::new();
    for script in scripts {
        let unread = permissions(script, &names(&NO_ENV)).expect_err(script);
        let error =
            SpecError::UnreadableCommand { command: unread.command, problem: unread.problem };
        let diagnostic = Diagnostic::error(error);
        all.push_str(&render(&diagnostic, &Sources::default(), Look::Plain));
    }
    insta::assert_snapshot!(all);
}
