//! gen's Pod Security rules against the admission plugin of the real API server: the same pods are refused, at each level.

use gitops_gen::kubernetes::Object;
use gitops_gen::kubernetes::security::{Standard, refused};
use serde_json::{Value, json};

use crate::cluster::cluster;

/// A pod that `restricted` takes.
fn pod() -> Value {
    json!({
        "containers": [{"name": "a", "image": "registry.example/a", "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}, "ports": [{"containerPort": 80}]}],
        "initContainers": [{"name": "b", "image": "registry.example/b", "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}],
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "volumes": [{"name": "v", "emptyDir": {}}],
    })
}

/// Changes to it: a JSON pointer, and the value there; `null` takes it away.
fn changes() -> Vec<(&'static str, Value)> {
    let mut changes = vec![
        ("/hostNetwork", json!(true)),
        ("/hostPID", json!(true)),
        ("/hostIPC", json!(true)),
        ("/hostUsers", json!(false)),
        ("/hostUsers", json!(true)),
        ("/securityContext/runAsNonRoot", json!(null)),
        ("/securityContext/runAsNonRoot", json!(false)),
        ("/securityContext/runAsUser", json!(0)),
        ("/securityContext/runAsUser", json!(1000)),
        ("/securityContext/seccompProfile", json!(null)),
        ("/securityContext/seccompProfile/type", json!("Unconfined")),
        (
            "/securityContext/seccompProfile",
            json!({"type": "Localhost", "localhostProfile": "a.json"}),
        ),
        ("/securityContext/appArmorProfile", json!({"type": "Unconfined"})),
        ("/securityContext/appArmorProfile", json!({"type": "RuntimeDefault"})),
        ("/securityContext/seLinuxOptions", json!({"type": "spc_t"})),
        ("/securityContext/seLinuxOptions", json!({"type": "container_engine_t", "level": "s0"})),
        ("/securityContext/seLinuxOptions", json!({"user": "root"})),
        ("/securityContext/seLinuxOptions", json!({"role": "r"})),
        ("/securityContext/sysctls", json!([{"name": "kernel.shm_rmid_forced", "value": "1"}])),
        ("/securityContext/sysctls", json!([{"name": "net.ipv4.tcp_notsent_lowat", "value": "1"}])),
        ("/securityContext/sysctls", json!([{"name": "kernel.msgmax", "value": "1"}])),
        ("/volumes/0", json!({"name": "v", "hostPath": {"path": "/"}})),
        ("/volumes/0", json!({"name": "v", "nfs": {"server": "a", "path": "/"}})),
        ("/volumes/0", json!({"name": "v", "image": {"reference": "registry.example/v"}})),
        ("/volumes/0", json!({"name": "v", "secret": {"secretName": "s"}})),
        ("/volumes/0", json!({"name": "v", "csi": {"driver": "d"}})),
        ("/containers/0/ports/0/hostPort", json!(80)),
        (
            "/containers/0/lifecycle",
            json!({"preStop": {"httpGet": {"port": 80, "host": "other.example"}}}),
        ),
        ("/containers/0/livenessProbe", json!({"tcpSocket": {"port": 80, "host": "127.0.0.1"}})),
        ("/containers/0/readinessProbe", json!({"httpGet": {"port": 80}})),
        ("/containers/0/startupProbe", json!({"grpc": {"port": 80}})),
        ("/containers/0/securityContext/windowsOptions", json!({"hostProcess": true})),
    ];
    for (pointer, value) in [
        ("privileged", json!(true)),
        ("privileged", json!(false)),
        ("allowPrivilegeEscalation", json!(null)),
        ("allowPrivilegeEscalation", json!(true)),
        ("runAsNonRoot", json!(false)),
        ("runAsNonRoot", json!(true)),
        ("runAsUser", json!(0)),
        ("procMount", json!("Unmasked")),
        ("procMount", json!("Default")),
        ("seccompProfile", json!({"type": "Unconfined"})),
        ("seccompProfile", json!({"type": "RuntimeDefault"})),
        ("appArmorProfile", json!({"type": "Unconfined"})),
        ("seLinuxOptions", json!({"type": "container_t"})),
        ("capabilities", json!({"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]})),
        ("capabilities", json!({"drop": ["ALL"], "add": ["CHOWN"]})),
        ("capabilities", json!({"drop": ["ALL"], "add": ["SYS_ADMIN"]})),
        ("capabilities", json!({"drop": ["CHOWN"]})),
        ("capabilities", json!(null)),
    ] {
        for container in ["containers", "initContainers"] {
            let pointer = format!("/{container}/0/securityContext/{pointer}");
            changes.push((pointer.leak(), value.clone()));
        }
    }
    changes
}

fn change(pod: &mut Value, pointer: &str, value: &Value) {
    let (above, key) = pointer.rsplit_once('/').expect("a pointer");
    match pod.pointer_mut(above) {
        Some(Value::Object(map)) if value.is_null() => drop(map.remove(key)),
        Some(Value::Object(map)) => drop(map.insert(key.to_owned(), value.clone())),
        Some(Value::Array(items)) => items[0] = value.clone(),
        _ => {}
    }
}

#[test]
fn the_same_pods_are_refused() {
    let Some(cluster) = cluster() else { return };
    let all = changes();
    let mut pods = vec![("nothing".to_owned(), pod())];
    for (index, (pointer, value)) in all.iter().enumerate() {
        let mut one = pod();
        change(&mut one, pointer, value);
        // Also with another, since one rule can depend on another field.
        let (second, other) = &all[(index * 7 + 3) % all.len()];
        let mut two = one.clone();
        change(&mut two, second, other);
        let mut own_users = one.clone();
        change(&mut own_users, "/hostUsers", &json!(false));
        pods.push((format!("{pointer}={value}"), one));
        pods.push((format!("{pointer}={value} {second}={other}"), two));
        pods.push((format!("{pointer}={value} hostUsers=false"), own_users));
    }
    let (mut refused_ones, mut compared, mut invalid) = (0, 0, 0);
    for (standard, level) in
        [(Standard::Baseline, "baseline"), (Standard::Restricted, "restricted")]
    {
        let namespace = cluster.namespace(level);
        let label = json!({"metadata": {"labels": {"pod-security.kubernetes.io/enforce": level}}});
        let path = format!("/api/v1/namespaces/{namespace}");
        cluster
            .admin()
            .request(http::Method::PATCH, &path, "application/merge-patch+json", Some(&label))
            .expect_ok();
        for (name, spec) in &pods {
            let object = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": namespace}, "spec": spec});
            let path = format!("/api/v1/namespaces/{namespace}/pods?dryRun=All");
            let answer = cluster.admin().request(
                http::Method::POST,
                &path,
                "application/json",
                Some(&object),
            );
            let said = answer.body["message"].as_str().unwrap_or_default().to_owned();
            let theirs = said.contains("violates PodSecurity");
            if answer.body["kind"] == "Status" && !theirs {
                // Not a pod at all, whatever the level.
                invalid += 1;
                continue;
            }
            let ours = refused(standard, &Object::new(object.into()).expect("an object"));
            assert_eq!(
                !ours.is_empty(),
                theirs,
                "{level}: {name}: gen {ours:?}, the API server: {said}"
            );
            compared += 1;
            refused_ones += usize::from(theirs);
        }
    }
    println!("compared {compared} pods, {refused_ones} of them refused; {invalid} were no pods");
    assert!(refused_ones > 100 && compared - refused_ones > 40, "{refused_ones} of {compared}");
}
