package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// The programs of a control plane and of a node.
const (
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Scheduler         = "kube-scheduler"
	Etcd              = "etcd"
	Kubelet           = "kubelet"
)

// Program is one of them, with the flags that an object gives it. A setting
// that a source calls otherwise, such as a field of KubeletConfiguration, goes
// by the name of the flag.
type Program struct {
	Name    string
	Of      string // whose it is, for messages
	Flags   Flags
	At      manifest.Node // where a missing flag should stand
	Subject manifest.Subject
	// Default are the values of flags that nobody gives: the program's own, or
	// what the tool that starts it passes on. A flag without one is not set.
	Default map[string]string
	// Whole says that the flags are all that the program gets, and that it runs
	// as a part of a control plane or a node.
	Whole bool
	// Elsewhere says that flags may also come from where nobody looks, so that
	// one which is missing here may well be set.
	Elsewhere bool

	write func(name, value string) []manifest.Edit
}

// Flags are flags by name, without dashes. The last of equal names counts, as
// with the programs themselves.
type Flags map[string]Flag

// Flag is a value and where it stands.
type Flag struct {
	Value string
	At    manifest.Node
}

// Given says that the object gives a flag.
func (p Program) Given(name string) bool {
	_, given := p.Flags[name]
	return given
}

// Value is what holds for a flag: what is given, or the default. It is empty
// where a flag is not set, or nobody knows.
func (p Program) Value(name string) string {
	if f, given := p.Flags[name]; given {
		if Unknown(f.Value) {
			return ""
		}
		return f.Value
	}
	return p.Default[name]
}

// Lacks says that a flag is certainly not set.
func (p Program) Lacks(name string) bool {
	if f, given := p.Flags[name]; given {
		return f.Value == ""
	}
	return !p.Elsewhere && p.Default[name] == ""
}

// Doubtful says that a flag is given, and nobody knows as what.
func (p Program) Doubtful(name string) bool {
	f, given := p.Flags[name]
	return given && (f.At.Undecided() || Unknown(f.Value))
}

// Is says that one of some values certainly holds.
func (p Program) Is(name string, values ...string) bool {
	value := p.Value(name)
	if value == "" || p.Elsewhere && !p.Given(name) {
		return false
	}
	return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, value) })
}

// List are the parts of a flag's value that commas part.
func (p Program) List(name string) []string {
	value := p.Value(name)
	if value == "" {
		return nil
	}
	parts := strings.Split(value, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// Place is where a flag stands, or should.
func (p Program) Place(name string) manifest.Node {
	if f, given := p.Flags[name]; given {
		return f.At
	}
	return p.At
}

// Mend gives a flag a value, in the way of the source; none where that takes
// more than one value.
func (p Program) Mend(name, value string) []manifest.Edit {
	if p.write == nil || p.Place(name).Object() == nil {
		return nil
	}
	return p.write(name, value)
}

// Programs are the programs that an object configures.
func Programs(o *manifest.Object) []Program {
	adapter, seen := adapterOf(programs, o)
	if adapter == nil {
		return append(podPrograms(o), startedKubelets(o)...)
	}
	return append(adapter(seen), startedKubelets(o)...)
}

// programs says who reads a kind. Pods are read wherever they are.
var programs = map[string]func(*manifest.Object) []Program{
	"kubeadm.k8s.io/ClusterConfiguration":                       kubeadmPrograms,
	"kubeadm.k8s.io/InitConfiguration":                          kubeadmPrograms,
	"kubeadm.k8s.io/JoinConfiguration":                          kubeadmPrograms,
	"bootstrap.cluster.x-k8s.io/KubeadmConfig":                  kubeadmPrograms,
	"bootstrap.cluster.x-k8s.io/KubeadmConfigTemplate":          kubeadmPrograms,
	"controlplane.cluster.x-k8s.io/KubeadmControlPlane":         kubeadmPrograms,
	"controlplane.cluster.x-k8s.io/KubeadmControlPlaneTemplate": kubeadmPrograms,
	"kubelet.config.k8s.io/KubeletConfiguration":                kubeletConfiguration,
	"kops.k8s.io/Cluster":                                       kopsPrograms,
	"kops.k8s.io/InstanceGroup":                                 kopsPrograms,
	"eksctl.io/ClusterConfig":                                   eksctlPrograms,
	"talos.dev/MachineConfig":                                   talosPrograms,
	"k3s.io/Config":                                             k3sPrograms,
	"controlplane.cluster.x-k8s.io/RKE2ControlPlane":            rke2Programs,
	"controlplane.cluster.x-k8s.io/RKE2ControlPlaneTemplate":    rke2Programs,
	"bootstrap.cluster.x-k8s.io/RKE2Config":                     rke2Kubelet("spec", "agentConfig"),
	"bootstrap.cluster.x-k8s.io/RKE2ConfigTemplate":             rke2Kubelet("spec", "template", "spec", "agentConfig"),
	"bootstrap.cluster.x-k8s.io/KThreesConfig":                  threesKubelet("spec", "agentConfig"),
	"bootstrap.cluster.x-k8s.io/KThreesConfigTemplate":          threesKubelet("spec", "template", "spec", "agentConfig"),
	"controlplane.cluster.x-k8s.io/KThreesControlPlane":         threesPrograms("spec", "kthreesConfigSpec"),
	"controlplane.cluster.x-k8s.io/KThreesControlPlaneTemplate": threesPrograms("spec", "template", "spec", "kthreesConfigSpec"),
	"bootstrap.cluster.x-k8s.io/EKSConfig":                      eksConfigKubelet("spec"),
	"bootstrap.cluster.x-k8s.io/EKSConfigTemplate":              eksConfigKubelet("spec", "template", "spec"),
	"google_container_cluster":                                  managedKubelets,
	"google_container_node_pool":                                managedKubelets,
	"azurerm_kubernetes_cluster":                                managedKubelets,
	"azurerm_kubernetes_cluster_node_pool":                      managedKubelets,
}

// addSwitch takes a switch that makes the tool set a flag for a flag.
func (p *Program) addSwitch(name string, at manifest.Node) {
	switch {
	case !at.Set() || p.Given(name):
	case at.IsFalse():
		p.Flags[name] = Flag{"", at}
	default:
		p.Flags[name] = Flag{at.Text(), at}
	}
}
