//! Values at the edges of each format: what Kubernetes' own tests take and refuse, and what people write by mistake.

use gitops_gen::name::Check;

use crate::random::Random;

/// Some text in a format, or nearly.
pub fn text(check: Check, random: &mut Random) -> String {
    let long = "a".repeat(*random.pick(&[40, 52, 53, 63, 64, 128, 253, 254]));
    if random.below(40) == 0 {
        return long;
    }
    (*random.pick(pool(check))).to_owned()
}

/// Any scalar that people write as a value.
pub const LITERALS: &[&str] = &[
    "a",
    "",
    "1",
    "true",
    "no",
    "null",
    "8080",
    "1.20",
    "0x1F",
    "$(date)",
    "$(HOME)",
    "$$",
    "$(params.revision)",
    "{{ app }}",
    "a b",
    "a\nb",
    " lead",
    "trail ",
    "ünï",
    "a=b",
    "--flag=x",
    "-",
    "'",
    "\"",
    "#",
    "\t",
];

#[rustfmt::skip] // as tables
fn pool(check: Check) -> &'static [&'static str] {
    match check {
        Check::Any | Check::NotEmpty => &["a", "text", "two words", "UTC", "Europe/Paris", "metadata.name", "status.podIP", "limits.memory",
            "requests.cpu", "metadata.labels", "metadata.labels['a']", "spec.nodeName", "Exists", "a.b", "*", "10%", "$(x)"],
        Check::Label | Check::Folder => &["a", "web", "a-b", "a1", "1a", "1", "a--b", "x-1-y", "a.b", "A", "-a", "a-", "a_b", "kubernetes", "default", "kube-system"],
        Check::PortName => &["http", "grpc", "metrics", "http", "a", "web-1", "8080", "a--b", "-a", "a-", "abcdefghijklmno", "abcdefghijklmnop", "A", "a.b", "grpc-web", "https"],
        Check::Port => &["http", "http", "grpc", "metrics", "8080", "1", "65535", "0", "65536", "080", "+80", "a--b", "A"],
        Check::Seconds => &["1s", "5s", "29s", "30s", "1m30s", "1000ms", "1h", "0s", "500ms", "1500ms", "5", "8000h"],
        Check::HeaderName => &["Host", "X-Probe", "a", "-", "1", "a_b", "a b", "a:"],
        Check::Name => &["a", "orders-db", "a.b", "a-1.b-2", "1", "a..b", "a.", ".a", "A.b", "a_b", "a/b", "default"],
        Check::Image => &["registry.example/team/app", "nginx", "nginx:1.29", "localhost:5000/a", "registry.example:5000/a/b:v1",
            "registry.example/a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a/b/c/d", "UPPER/case", "a:tag:tag", "a__b/c", "a:_x", "a:-x"],
        Check::GitRef => &["main", "feature/a", "v1.2.3", "release-1.x", "refs/heads/main", "a@b", "a..b", "-x", "a b", "deadbeef"],
        Check::GitUrl => &["https://git.example/a/b.git", "ssh://git@git.example/a/b.git", "git@git.example:a/b.git", "http://git.example/a", "git.example/a", "https://u:p@git.example/a"],
        Check::Cpu | Check::Bytes | Check::Size => &["100m", "1", "0", "0.5", "1.5", "2", "128Mi", "1Gi", "512m", "1e3", "64Mi", "20m", "10k", "1.5Gi", ".5", "5.", "+1", "-1",
            "1n", "1u", "0.1m", "1500m", "3Gi", "9999999999999999999", "1Ti", "100", "2000m", "0Mi", "0m", "1 Gi", "1gi", "1G", "1M", "1K", "1Ki"],
        Check::Duration => &["1s", "1m", "15m", "1h", "1h30m", "90s", "500ms", "0s", "1d", "24h", "720h", "1.5h", "30", "1000000h", "-1m", "1m1s", "100ms"],
        Check::EnvName | Check::ContainerEnvName => &["A", "LOG_LEVEL", "a", "_x", "A1", "node.name", "a-b", "1A", "A B", "A=B", "PATH", "HOME", "a.b-c_d", "..", ".", "..a", "é"],
        Check::ParamName => &["a", "log-level", "A_b", "a.b", "1a", "_a", "-a", "a-", "a b", "revision", "context", "é"],
        Check::AbsolutePath | Check::MountPath | Check::StepMountPath => &["/", "/a", "/a/b", "/var/lib/data", "/tmp", "/tmp/x", "/etc/app/app.toml", "/tekton", "/tekton/x", "/tekton/home", "/workspace", "/a:b",
            "/a b", "/dev/null", "/home/gen", "/a/../b", "/a//b", "/a/", "/$(x)", "/etc/passwd", "/var/run/secrets/kubernetes.io/serviceaccount", "/dev/shm", "/proc", "/run"],
        Check::RoutePath | Check::RequestPath => &["/", "/api", "/api/", "/a.b/c", "/a//b", "/a/..", "/(x)", "/a$", "/a%2Fb", "/a%zz", "/health", "/a?b=c", "/a?b=$(X)", "/a b", "/ä", "/%20", "/a#b", "/healthz?full=1&x=$$"],
        Check::RelativePath => &["a", "a/b", ".", "a/../b", "Dockerfile", "src", "a b", "a:b", "ä", "./a", "a/", "$(x)", "..a", "a/..b"],
        Check::Host => &["a.example", "db.shop.svc", "api.example.com", "a", "*.example", "A.example", "a_b.example", "1.2.3.4", "a..b", "example.com.", "a:80", "https://a.example", "xn--a.example"],
        Check::LabelKey => &["team", "example.test/a", "a.b/c-d", "a_b", "A", "example.test/", "/a", "a/b/c", "-a", "app.kubernetes.io/name", "app.kubernetes.io/instance",
            "kubernetes.io/x", "k8s.io/x", "a..b/c", "A.b/c", "gitops-gen.dev/app", "pod-security.kubernetes.io/enforce"],
        Check::LabelValue => &["a", "", "orders", "A.b_c-d", "1", "-a", "a-", "a b", "a/b", "true", "null"],
        Check::Schedule => &["*/15 0 * * 1-5", "30 2 * * *", "@daily", "@hourly", "@every 1h", "@reboot", "0 0 * * 7", "0 0 * * 0-7", "0 22-6 * * *", "0 0 * * fri-mon", "0 0 * * MON",
            "0 0 * jan *", "0 0 * mon *", "0 0 jan * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "*/0 * * * *", "*/90 * * * *", "? ? ? * ?", "0 0 31 2 *", "0 0 * * sun-sat",
            "1,2,3 * * * *", "1-5/2 * * * *", "5/15 * * * *", "* * * * * *", "* * * *", "TZ=UTC 0 0 * * *", "CRON_TZ=UTC 0 0 * * *", "0 0 L * *", "0  0 * * *", " 0 0 * * *", "0 0 * * *  ", "+1 * * * *", "00 02 * * *", "0 0 * * 1-"],
        Check::TimeZone => &["UTC", "Europe/Paris", "Etc/GMT+2", "UTC+2", "Europe/Pariss", "Local", "", "europe/paris", "GMT", "EST5EDT"],
        Check::PodField => &["metadata.name", "metadata.namespace", "metadata.labels['a']", "metadata.labels['a.b/c']", "metadata.labels['']", "metadata.labels",
            "metadata.annotations['x']", "spec.nodeName", "status.podIP", "status.podIPs", "limits.memory", "requests.cpu", "limits.ephemeral-storage", "limits.x", "status.phase", ""],
        Check::DataKey => &["a", "app.toml", "A_B-c.d", ".a", "..", "..a", "a/b", "a b", "-"],
        Check::Cidr => &["10.0.0.0/8", "203.0.113.0/24", "0.0.0.0/0", "fd00::/8", "::/0", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0", "010.0.0.0/8", "1.2.3.4/32", "::ffff:10.0.0.0/104", "10.0.0.0/08"],
        Check::Pattern => &["{{ app }}-{{ env }}", "{{ app }}.example", "a", "{{ app }}", "{{ env }}.{{ app }}.example", "A{{ app }}", "https://{{ app }}.lan", "{{ app }}.lan:8080", "*.{{ app }}.lan", "{{ x }}", ""],
        Check::Date => &["2027-06-30", "2027-02-30", "2020-01-01", "27-1-1"],
        Check::HttpUrl => &["https://chat.example/hook", "http://otel.observability.svc:4318", "https://a", "ftp://a", "https://a b", "https://u:p@a.example/x?y=z#f", "HTTPS://A"],
        Check::NoProxy => &["localhost", ".corp.example", "10.0.0.0/8", "10.1.2.3", "[::1]", "a.example:8080", "*", "a,b", "a b", "$(params.x)", ""],
        Check::ChartVersion => &["6.9.2", "v1.0.0-rc.1+b", "6.9.x"],
        Check::Tag => &["v1.2.3", "latest", "1", "_x", "-x", "a:b", "a b", "main-1"],
        Check::FileMode => &["0400", "0644", "0777", "0000", "400", "256", "0999", "07777", "0o400"],
        Check::Percent => &["0%", "1%", "25%", "100%", "101%", "05%", "1.5%", "%", "-1%", "50"],
        Check::Ip => &["192.168.1.5", "10.0.0.1", "fd00::5", "::1", "0.0.0.0", "010.0.0.1", "1.2.3", "::ffff:10.0.0.1", "fe80::1%eth0", "a"],
        Check::Sysctl => &["net.core.somaxconn", "kernel.shm_rmid_forced", "net.ipv4.tcp_syncookies", "a", "a/b", "a..b", "-a", "A", "net.ipv4.conf.eth0.100.x", "fs.mqueue.msg_max", "kernel.msgmax", "vm.max_map_count"],
        Check::Metric => &["http_requests_total", "a:b", "a-b", "1a", "_", "__name__", "é"],
    }
}
