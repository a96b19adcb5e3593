package manifest

import (
	"bytes"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Files that configure a cluster or its nodes and are no Kubernetes objects
// become objects as well: told by their shape, and by their path where the
// shape alone is not enough. Their references are made up, the same at both
// sides of a change.

// settingsShape is one kind of such files.
type settingsShape struct {
	ref     Ref
	top     []string // keys of which one stands at the start of a line, for a glance at the text
	matches func(name string, root Node) bool
}

var settingsShapes = []settingsShape{
	{Ref{APIVersion: "talos.dev/v1alpha1", Kind: "MachineConfig"}, []string{"machine:", "cluster:"}, isTalos},
	{Ref{APIVersion: "talhelper.dev/v1", Kind: "TalConfig"}, []string{"clusterName:"}, isTalconfig},
	{Ref{APIVersion: "k3s.io/v1", Kind: "Registries"}, []string{"mirrors:", "configs:"}, isRegistries},
	{Ref{APIVersion: "k3s.io/v1", Kind: "Config"}, k3sKeys, isK3s},
	{Ref{APIVersion: "cloud-init/v1", Kind: "CloudConfig"}, nil, nil},
}

const cloudConfig = "#cloud-config"

// LooksLikeSettings says of a file, at a glance, that it may be one of those.
// What is no YAML counts only where its path says what it is.
func LooksLikeSettings(name string, data []byte) bool {
	if bytes.HasPrefix(data, []byte(cloudConfig)) {
		return true
	}
	glance := false
	for _, shape := range settingsShapes {
		for _, key := range shape.top {
			glance = glance || startsLine(data, key)
		}
	}
	if !glance {
		return false
	}
	objects, err := Parse(data, Origin{Path: name, Exact: true})
	return len(objects) > 0 || err != nil && distribution(name) != ""
}

func startsLine(data []byte, key string) bool {
	return bytes.HasPrefix(data, []byte(key)) || bytes.Contains(data, []byte("\n"+key))
}

// distribution is what the path says that a file configures.
func distribution(name string) string {
	for _, word := range []string{"talos", "talconfig", "k3s", "rke2"} {
		if strings.Contains(strings.ToLower(name), word) {
			return word
		}
	}
	return ""
}

// settingsOf makes objects of a document that is no Kubernetes object.
func settingsOf(root *yaml.Node, origin Origin, cloud bool) []*Object {
	o := &Object{Origin: origin}
	o.Root = Node{value: root, at: &step{object: o}}
	for _, shape := range settingsShapes {
		if shape.matches == nil && !cloud || shape.matches != nil && !shape.matches(origin.Path, o.Root) {
			continue
		}
		o.Ref = shape.ref
		o.Name = strings.TrimSuffix(path.Base(origin.Path), path.Ext(origin.Path))
		return append([]*Object{o}, patchesOf(o)...)
	}
	return nil
}

func isTalos(_ string, root Node) bool {
	known := 0
	for key, value := range root.Fields() {
		switch key {
		case "machine":
			known += anyOf(value, "type", "token", "ca", "install", "kubelet", "files", "sysctls", "registries", "features", "certSANs", "kernel", "disks", "systemDiskEncryption", "network", "nodeLabels", "time", "udev", "logging", "sysfs", "pods", "env")
		case "cluster":
			known += anyOf(value, "apiServer", "controllerManager", "scheduler", "etcd", "controlPlane", "clusterName", "proxy", "discovery", "allowSchedulingOnControlPlanes", "externalCloudProvider", "extraManifests", "inlineManifests", "coreDNS", "adminKubeconfig", "network", "secretboxEncryptionSecret")
		case "version", "debug", "persist", "$patch":
		default:
			return false
		}
	}
	return known > 0
}

func anyOf(n Node, keys ...string) int {
	for _, key := range keys {
		if n.Get(key).Exists() {
			return 1
		}
	}
	return 0
}

func isTalconfig(name string, root Node) bool {
	return strings.HasPrefix(path.Base(name), "talconfig.") && root.Get("nodes").IsList()
}

func isRegistries(name string, root Node) bool {
	return strings.HasPrefix(path.Base(name), "registries.") && (root.Get("mirrors").IsMap() || root.Get("configs").IsMap())
}

// k3sKeys are flags of k3s and RKE2 that no other program has.
var k3sKeys = []string{
	"kube-apiserver-arg:", "kubelet-arg:", "kube-controller-manager-arg:", "kube-scheduler-arg:", "write-kubeconfig-mode:", "secrets-encryption:",
	"cluster-init:", "flannel-backend:", "disable-network-policy:", "protect-kernel-defaults:", "etcd-snapshot-schedule-cron:",
}

// isK3s asks for such a key, and for a name or a path of such files.
func isK3s(name string, root Node) bool {
	base, dir := path.Base(name), path.Base(path.Dir(name))
	if word := distribution(name); word != "k3s" && word != "rke2" && !strings.HasPrefix(base, "config.") && dir != "config.yaml.d" {
		return false
	}
	for _, key := range k3sKeys {
		if root.Get(strings.TrimSuffix(key, ":")).Exists() {
			return true
		}
	}
	return distribution(name) != "" && anyOf(root, "selinux", "tls-san", "cni", "server", "node-label") > 0
}

// patchesOf are the patches of machine configurations that talhelper's file
// holds as texts, as objects of their own: they are named after their place.
func patchesOf(o *Object) []*Object {
	if o.Kind != "TalConfig" {
		return nil
	}
	lists := map[string]Node{"patches": o.Root.Get("patches"), "controlPlane": o.Root.Get("controlPlane", "patches"), "worker": o.Root.Get("worker", "patches")}
	order := []string{"patches", "controlPlane", "worker"}
	for node := range o.Root.Get("nodes").Items() {
		name := "node " + node.Get("hostname").Text()
		lists[name] = node.Get("patches")
		order = append(order, name)
	}
	var all []*Object
	for _, name := range order {
		for item := range lists[name].Items() {
			docs, err := item.Embedded(item.Text())
			if err != nil {
				continue // a template of talhelper's, or a reference to a file
			}
			for _, doc := range docs {
				if isTalos("", doc) {
					all = append(all, asObject(doc, o, name))
				}
			}
		}
	}
	return all
}

func asObject(doc Node, in *Object, name string) *Object {
	o := &Object{Origin: in.Origin}
	o.Ref = Ref{APIVersion: "talos.dev/v1alpha1", Kind: "MachineConfig", Name: in.Name + " " + name}
	o.Root = Node{value: doc.value, at: &step{object: o}}
	return o
}
