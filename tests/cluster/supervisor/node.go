package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The addresses of the real node, in a network namespace that has nothing else: its bridge, which pods reach it by.
const (
	nodeName      = "gen-node"
	nodeAddress   = "10.88.0.1"
	podRange      = "10.88.0.0/16"
	clusterDomain = "cluster.local"
	registryPort  = 5000
	gitPort       = 3000
)

// What Kubernetes' controllers do beside those that the stand-ins know, where pods, volumes and addresses are real.
const nodeControllers = ",endpoints-controller,endpointslice-controller,persistentvolume-binder-controller,node-lifecycle-controller," +
	"horizontal-pod-autoscaler-controller,pod-garbage-collector-controller"

var nodeResource = schema.GroupVersionResource{Version: "v1", Resource: "nodes"}

// node is what makes a machine a node: containerd with runc and CNI plugins of this machine, kubelet, kube-proxy and
// kube-scheduler; beside them what a cluster at home has: a registry, a git server, names and volumes.
type node struct {
	plane  *plane
	folder string
	socket string
}

// written are the node's files: name to template.
var written = map[string]string{
	"containerd.toml": `version = 2
root = "{{.Folder}}/containerd"
state = "/run/containerd"
oom_score = 0
[grpc]
  address = "{{.Socket}}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "gen.test/pause:1"
  # A process may only make itself easier to kill, and this one may be none of the first.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{{.Folder}}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{{.Snapshotter}}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{{.Folder}}/registries"
`,
	"registries/registry.gen.test:5000/hosts.toml": `server = "http://{{.Address}}:{{.RegistryPort}}"
[host."http://{{.Address}}:{{.RegistryPort}}"]
  capabilities = ["pull", "resolve"]
`,
	"cni/10-gen.conflist": `{
  "cniVersion": "0.4.0", "name": "gen",
  "plugins": [
    {"type": "bridge", "bridge": "gen0", "isGateway": true, "hairpinMode": true, "ipMasq": false,
     "ipam": {"type": "host-local", "dataDir": "{{.Folder}}/addresses", "ranges": [[{"subnet": "{{.PodRange}}"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`,
	"kubelet.yaml": `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix://{{.Socket}}
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupRoot: {{.CgroupRoot}}
failSwapOn: false
enforceNodeAllocatable: []
makeIPTablesUtilChains: false
resolvConf: ""
clusterDomain: {{.Domain}}
clusterDNS: ["{{.Address}}"]
podLogsDir: {{.Folder}}/pods
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
serializeImagePulls: false
syncFrequency: 5s
evictionHard: {imagefs.available: "0%", nodefs.available: "0%", memory.available: "50Mi"}
imageGCHighThresholdPercent: 100
`,
	"proxy.yaml": `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: {{.PodRange}}
clientConnection: {kubeconfig: "{{.ProxyConfig}}"}
conntrack: {maxPerCore: 0, min: 0}
iptables: {minSyncPeriod: 100ms, syncPeriod: 10s}
`,
	"registry.yaml": `version: 0.1
log: {level: warn}
storage:
  filesystem: {rootdirectory: "{{.Folder}}/registry"}
  delete: {enabled: true}
http: {addr: "{{.Address}}:{{.RegistryPort}}"}
`,
}

func newNode(plane *plane) (*node, error) {
	// It would change the machine's own routes and rules.
	if _, err := net.InterfaceByName("gen0"); err != nil {
		return nil, errors.New("there is no bridge gen0: a node runs in a network namespace of its own, which tests/tools/e2e makes")
	}
	folder := filepath.Join(plane.folder, "node")
	node := &node{plane: plane, folder: folder, socket: filepath.Join(folder, "containerd.sock")}
	values := map[string]any{
		"Folder": folder, "Socket": node.socket, "Address": nodeAddress, "PodRange": podRange, "Domain": clusterDomain,
		"RegistryPort": registryPort, "ProxyConfig": plane.kubeconfigs["proxy"], "CgroupRoot": plane.options.cgroup,
		"Snapshotter": node.snapshotter(),
	}
	for name, text := range written {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		file, err := os.Create(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		if err := template.Must(template.New(name).Parse(text)).Execute(file, values); err != nil {
			return nil, err
		}
	}
	return node, nil
}

// snapshotter is overlayfs, except where the data folder is itself on one: that cannot hold another's upper layer.
func (n *node) snapshotter() string {
	parts := make([]string, 4)
	for index, name := range []string{"lower", "upper", "work", "merged"} {
		parts[index] = filepath.Join(n.folder, "probe", name)
		if err := os.MkdirAll(parts[index], 0o755); err != nil {
			return "native"
		}
	}
	defer os.RemoveAll(filepath.Join(n.folder, "probe"))
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", parts[0], parts[1], parts[2])
	if exec.Command("mount", "-t", "overlay", "-o", options, "overlay", parts[3]).Run() != nil {
		return "native"
	}
	_ = exec.Command("umount", parts[3]).Run()
	return "overlayfs"
}

// prepare starts what needs no API server, and takes the images.
func (n *node) prepare() error {
	if err := n.plane.servers.start("containerd", "containerd", nil, "--config", filepath.Join(n.folder, "containerd.toml")); err != nil {
		return err
	}
	if err := n.plane.servers.start("registry", "docker-registry", []string{"OTEL_TRACES_EXPORTER=none"}, "serve", filepath.Join(n.folder, "registry.yaml")); err != nil {
		return err
	}
	return n.takeImages()
}

// start brings the node up and waits until it is ready.
func (n *node) start() error {
	if err := n.serve(); err != nil {
		return err
	}
	if err := n.hasRuntime(); err != nil {
		return err
	}
	err := n.plane.servers.start("kubelet", n.plane.options.kubernetes, nil, "kubelet",
		"--config="+filepath.Join(n.folder, "kubelet.yaml"), "--kubeconfig="+n.plane.kubeconfigs["kubelet"],
		"--root-dir="+filepath.Join(n.folder, "kubelet"), "--cert-dir="+filepath.Join(n.folder, "pki"),
		"--hostname-override="+nodeName, "--node-ip="+nodeAddress)
	if err != nil {
		return err
	}
	err = n.plane.servers.start("kube-scheduler", n.plane.options.kubernetes, nil, "kube-scheduler",
		"--kubeconfig="+n.plane.kubeconfigs["scheduler"], "--leader-elect=false", "--secure-port=0")
	if err != nil {
		return err
	}
	err = n.plane.servers.start("kube-proxy", n.plane.options.kubernetes, nil, "kube-proxy",
		"--config="+filepath.Join(n.folder, "proxy.yaml"), "--hostname-override="+nodeName)
	if err != nil {
		return err
	}
	return eventually("the node is not ready", func(ctx context.Context) error {
		found, err := n.plane.client.Resource(nodeResource).Get(ctx, nodeName, meta.GetOptions{})
		if err != nil {
			return err
		}
		if said := conditionOf(found, "Ready"); said["status"] != "True" {
			return fmt.Errorf("%v", said["message"])
		}
		if taints, _, _ := unstructured.NestedSlice(found.Object, "spec", "taints"); len(taints) > 0 {
			return fmt.Errorf("it still has taints: %v", taints)
		}
		return nil
	})
}

// ctr is containerd's own client.
func (n *node) ctr(args ...string) error {
	output, err := exec.Command("ctr", append([]string{"--address", n.socket, "--namespace", "k8s.io"}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ctr %s: %w: %s", args[0], err, strings.TrimSpace(string(output)))
	}
	return nil
}

func (n *node) hasRuntime() error {
	return eventually("containerd does not answer", func(context.Context) error { return n.ctr("version") })
}

// takeImages imports the archives that were made before, when containerd answers.
func (n *node) takeImages() error {
	if err := n.hasRuntime(); err != nil {
		return err
	}
	for _, archive := range n.plane.options.images {
		if err := n.ctr("images", "import", "--snapshotter", n.snapshotter(), archive); err != nil {
			return err
		}
	}
	return nil
}
