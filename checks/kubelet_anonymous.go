package checks

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var kubeletAnonymous = &Check{
	ID:       "kubelet-anonymous",
	Title:    "Kubelet answers anybody",
	Severity: Critical,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Whoever reaches the node's port 10250 lists its pods, reads their logs and runs commands in them.",
	Fix:      "Set `authentication.anonymous.enabled: false` (the flag: `anonymous-auth=false`).",
	Source:   "CIS Kubernetes 4.2.1",
	Aliases:  []string{"CKV_K8S_138", "KCV-0079", "C-0172"},
	Mend:     refusesAnonymous,
	Bad: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous:
    enabled: true # want
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: main}
spec:
  kubeadmConfigSpec:
    joinConfiguration:
      nodeRegistration:
        kubeletExtraArgs:
          anonymous-auth: "true" # want
`,
	Good: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous:
    enabled: false
`,
	NearMiss: `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  webhook:
    enabled: true
`,
	Run: func(p *Pass) {
		report := func(at manifest.Node) {
			p.Report(at, manifest.Subject{}, "the kubelet of %s %q answers anybody", p.Object.Kind, p.Object.Name)
		}
		for _, at := range kubeletSettings(p.Object) {
			if at.Exists() && strings.EqualFold(at.Text(), "true") {
				report(at)
			}
		}
		for c := range p.Object.Containers() {
			if flags, ok := commandFlags(c, "kubelet"); ok && flags["anonymous-auth"].value == "true" {
				report(flags["anonymous-auth"].at)
			}
		}
	},
}

// kubeletSettings are the places where an object says whether a kubelet
// answers anonymous requests.
func kubeletSettings(o *manifest.Object) []manifest.Node {
	var all []manifest.Node
	switch o.GroupKind() {
	case "kubelet.config.k8s.io/KubeletConfiguration":
		all = append(all, o.Root.Get("authentication", "anonymous", "enabled"))
	case "kops.k8s.io/Cluster", "kops.k8s.io/InstanceGroup":
		all = append(all, o.Root.Get("spec", "kubelet", "anonymousAuth"))
	case "eksctl.io/ClusterConfig":
		for _, list := range []string{"nodeGroups", "managedNodeGroups"} {
			for group := range o.Root.Get(list).Items() {
				all = append(all, group.Get("kubeletExtraConfig", "authentication", "anonymous", "enabled"))
			}
		}
	}
	for _, section := range []string{"initConfiguration", "joinConfiguration"} {
		if at, ok := kubeadmConfig(o, section); ok {
			all = append(all, extraArgs(at.Get("nodeRegistration", "kubeletExtraArgs"))["anonymous-auth"].at)
		}
	}
	return all
}

// refusesAnonymous turns the setting or the flag around. A value that is text,
// as kubeadm's are, stays text.
func refusesAnonymous(f Finding, _ []*manifest.Object) []manifest.Edit {
	const flag = "--anonymous-auth"
	value := "false"
	switch text := f.Node.Text(); {
	case text == flag+"=true":
		value = flag + "=false"
	case strings.HasPrefix(text, "--"):
		return nil
	case !f.Node.IsTrue():
		value = `"false"`
	}
	return []manifest.Edit{manifest.SetTo(f.Node, value)}
}
