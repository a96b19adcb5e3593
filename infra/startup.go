package infra

import (
	"github.com/rendergate/rendergate/render/manifest"
)

// StartUp is what a node does when it starts, beyond what its image does.
type StartUp struct {
	Of      string // whose it is, for messages
	Subject manifest.Subject

	Scripts    []Script
	Files      []File
	Packages   []Installed
	KernelArgs []manifest.Node
	Texts      []Text // all of it as it is written, for secrets
	// Login are the switches by which cloud-init lets people in with passwords.
	Login []manifest.Node
	// Unclear are the places of which nobody knows anything: what stood there
	// before may have been harmless.
	Unclear []manifest.Node
}

// Script is a shell script.
type Script struct {
	Text string
	At   manifest.Node
	// Line is the line of At's text on which the script begins, counted from 0;
	// negative where it was decoded, so that the lines say nothing.
	Line int
}

// Text is a text with the name of what holds it.
type Text struct {
	Name, Text string
	At         manifest.Node
	Line       int // as of a script
}

// Installed is software that a list names, without a command.
type Installed struct {
	Name string
	At   manifest.Node
}

// Place is the node as of a line of the script, counted from 1.
func (s Script) Place(line int) manifest.Node {
	if s.Line < 0 {
		return s.At
	}
	return s.At.OnLine(s.Line + line)
}

// StartUps are what an object makes its nodes do.
func StartUps(o *manifest.Object) []StartUp {
	adapter, seen := adapterOf(startUps, o)
	if adapter == nil {
		return nil
	}
	all := adapter(seen)
	for i := range all {
		if seen != o && all[i].Of == Described(seen) {
			all[i].Of = Described(o)
		}
	}
	return all
}

// startUps says who reads a kind.
var startUps = map[string]func(*manifest.Object) []StartUp{
	"bootstrap.cluster.x-k8s.io/KubeadmConfig":                  kubeadmStartUp,
	"bootstrap.cluster.x-k8s.io/KubeadmConfigTemplate":          kubeadmStartUp,
	"controlplane.cluster.x-k8s.io/KubeadmControlPlane":         kubeadmStartUp,
	"controlplane.cluster.x-k8s.io/KubeadmControlPlaneTemplate": kubeadmStartUp,
	"bootstrap.cluster.x-k8s.io/RKE2ConfigTemplate":             rke2StartUp,
	"controlplane.cluster.x-k8s.io/RKE2ControlPlane":            rke2StartUp,
	"bootstrap.cluster.x-k8s.io/RKE2Config":                     rke2StartUp,
	"controlplane.cluster.x-k8s.io/RKE2ControlPlaneTemplate":    rke2StartUp,
	"bootstrap.cluster.x-k8s.io/KThreesConfig":                  threesStartUp("spec"),
	"bootstrap.cluster.x-k8s.io/KThreesConfigTemplate":          threesStartUp("spec", "template", "spec"),
	"controlplane.cluster.x-k8s.io/KThreesControlPlane":         threesStartUp("spec", "kthreesConfigSpec"),
	"controlplane.cluster.x-k8s.io/KThreesControlPlaneTemplate": threesStartUp("spec", "template", "spec", "kthreesConfigSpec"),
	"bootstrap.cluster.x-k8s.io/EKSConfig":                      eksConfigStartUp,
	"bootstrap.cluster.x-k8s.io/EKSConfigTemplate":              eksConfigStartUp,
	"karpenter.k8s.aws/AWSNodeTemplate":                         karpenterStartUp,
	"karpenter.k8s.aws/EC2NodeClass":                            karpenterStartUp,
	"eksctl.io/ClusterConfig":                                   eksctlStartUp,
	"kops.k8s.io/InstanceGroup":                                 kopsStartUp,
	"kops.k8s.io/Cluster":                                       kopsStartUp,
	"talos.dev/MachineConfig":                                   talosStartUp,
	"k3s.io/Config":                                             k3sStartUp,
	"cloud-init/CloudConfig":                                    cloudStartUp,
	"aws_launch_template":                                       terraformStartUp,
	"aws_launch_configuration":                                  terraformStartUp,
	"aws_instance":                                              terraformStartUp,
	"google_compute_instance_template":                          terraformStartUp,
	"google_compute_instance":                                   terraformStartUp,
	"google_compute_region_instance_template":                   terraformStartUp,
	"google_compute_instance_from_template":                     terraformStartUp,
	"aws_spot_instance_request":                                 terraformStartUp,
	"azurerm_windows_virtual_machine_scale_set":                 terraformStartUp,
	"azurerm_windows_virtual_machine":                           terraformStartUp,
	"azurerm_virtual_machine_scale_set":                         terraformStartUp,
	"azurerm_virtual_machine":                                   terraformStartUp,
	"azurerm_linux_virtual_machine_scale_set":                   terraformStartUp,
	"azurerm_linux_virtual_machine":                             terraformStartUp,
	"module":                                                    terraformModuleStartUp,
	"terraform/cloudinit_config":                                cloudInit,
	"terraform/template_cloudinit_config":                       cloudInit,

	"AWS::EC2::LaunchTemplate":              stackStartUp("Properties", "LaunchTemplateData"),
	"AWS::EC2::Instance":                    stackStartUp("Properties"),
	"AWS::AutoScaling::LaunchConfiguration": stackStartUp("Properties"),
}

// addScript takes a shell script that stands at a node as it is.
func (s *StartUp) addScript(name string, at manifest.Node) {
	if at.Text() == "" {
		return
	}
	s.Scripts = append(s.Scripts, Script{at.Text(), at, 0})
	s.Texts = append(s.Texts, Text{name, at.Text(), at, 0})
}

// addFile takes a file, and what is in it where it is a script.
func (s *StartUp) addFile(f File) {
	s.Files = append(s.Files, f)
	line := 0
	if f.Text != f.At.Text() {
		line = -1
	}
	s.Texts = append(s.Texts, Text{f.Path, f.Text, f.At, line})
	if isShell(f.Text) {
		s.Scripts = append(s.Scripts, Script{f.Text, f.At, line})
	}
}
