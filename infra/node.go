package infra

import (
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Node is what machines of a cluster are started with.
type Node struct {
	Name     string  // of the group, where an object has several
	Metadata Setting // whether the instance metadata service asks for a session token
	Hops     Setting // how far the answers of that service go
	PublicIP Setting // whether the node has an address of the internet
	OS       Setting // whether the operating system is made for anything, not for containers
	SSHKey   Setting // whether a key opens the node
	DiskKey  Setting // whether its disk is encrypted with the provider's key alone
	Cache    Setting // whether what its host keeps for it (temporary disks, caches) is unencrypted

	// Several of a node; Who names each.
	Disks  []Setting // whether it is unencrypted
	Images []Setting // whether it is whatever is newest
	SSH    []Setting // whether the network lets everybody in
	RDP    []Setting // the same for the desktop of Windows
	Login  []Setting // whether passwords open it
	Boot   []Setting // whether the guard of the start is off
	Push   []Setting // whether it may write to registries
}

// nodes are the adapters, by what describes machines.
var nodes = map[string]func(o *manifest.Object) []Node{
	"aws_launch_template":                  terraformTemplate,
	"aws_launch_configuration":             terraformConfiguration,
	"aws_instance":                         terraformInstance,
	"aws_ebs_volume":                       terraformVolume,
	"aws_eks_node_group":                   terraformNodeGroup,
	"aws_subnet":                           terraformSubnet,
	"aws_ebs_encryption_by_default":        terraformDiskDefault,
	"terraform/aws_ami":                    terraformImage,
	"aws_security_group":                   terraformGroup,
	"aws_security_group_rule":              terraformGroupRule,
	"aws_vpc_security_group_ingress_rule":  terraformIngressRule,
	"google_container_cluster":             gkeNodes,
	"google_container_node_pool":           gkePool,
	"azurerm_kubernetes_cluster":           aksNodes,
	"azurerm_kubernetes_cluster_node_pool": aksPool,
	"module":                               nodesOfModules,

	"google_compute_firewall":                   googleFirewall,
	"google_compute_instance":                   googleMachine,
	"google_compute_instance_template":          googleMachine,
	"google_compute_region_instance_template":   googleMachine,
	"google_compute_instance_from_template":     googleMachine,
	"azurerm_linux_virtual_machine":             azureMachine,
	"azurerm_linux_virtual_machine_scale_set":   azureMachine,
	"azurerm_windows_virtual_machine":           azureMachine,
	"azurerm_windows_virtual_machine_scale_set": azureMachine,
	"azurerm_virtual_machine":                   azureMachine,
	"azurerm_virtual_machine_scale_set":         azureMachine,
	"azurerm_network_interface":                 azureInterface,
	"azurerm_network_security_group":            azureGroup,
	"azurerm_network_security_rule":             azureGroupRule,

	"AWS::EC2::LaunchTemplate":              stackNodes("Properties", "LaunchTemplateData"),
	"AWS::EC2::Instance":                    stackNodes("Properties"),
	"AWS::AutoScaling::LaunchConfiguration": stackNodes("Properties"),
	"AWS::EC2::Volume":                      stackVolume,
	"AWS::EKS::Nodegroup":                   stackNodeGroup,
	"AWS::EC2::SecurityGroup":               stackSecurityGroup,
	"AWS::EC2::SecurityGroupIngress":        stackSecurityGroup,

	"AWS::EC2::Subnet": stackSubnet,

	"karpenter.k8s.aws/EC2NodeClass":                                  karpenterNodes,
	"karpenter.k8s.aws/AWSNodeTemplate":                               karpenterNodes, // of its first versions
	"kops.k8s.io/InstanceGroup":                                       kopsNodes,
	"kops.k8s.io/Cluster":                                             kopsClusterNodes,
	"infrastructure.cluster.x-k8s.io/AWSMachineTemplate":              capaNodes("spec", "template", "spec"),
	"infrastructure.cluster.x-k8s.io/AWSMachine":                      capaNodes("spec"),
	"infrastructure.cluster.x-k8s.io/AWSMachinePool":                  capaNodes("spec", "awsLaunchTemplate"),
	"infrastructure.cluster.x-k8s.io/AWSManagedMachinePool":           capaPool("spec"),
	"infrastructure.cluster.x-k8s.io/AWSManagedMachinePoolTemplate":   capaPool("spec", "template", "spec"),
	"infrastructure.cluster.x-k8s.io/AWSCluster":                      capaBastion("spec"),
	"infrastructure.cluster.x-k8s.io/AWSClusterTemplate":              capaBastion("spec", "template", "spec"),
	"controlplane.cluster.x-k8s.io/AWSManagedControlPlane":            capaBastion("spec"),
	"controlplane.cluster.x-k8s.io/AWSManagedControlPlaneTemplate":    capaBastion("spec", "template", "spec"),
	"infrastructure.cluster.x-k8s.io/GCPMachine":                      capgMachine("spec"),
	"infrastructure.cluster.x-k8s.io/GCPMachineTemplate":              capgMachine("spec", "template", "spec"),
	"infrastructure.cluster.x-k8s.io/GCPManagedMachinePool":           capgPool("spec"),
	"infrastructure.cluster.x-k8s.io/GCPManagedMachinePoolTemplate":   capgPool("spec", "template", "spec"),
	"infrastructure.cluster.x-k8s.io/AzureMachine":                    capzMachine("spec"),
	"infrastructure.cluster.x-k8s.io/AzureMachineTemplate":            capzMachine("spec", "template", "spec"),
	"infrastructure.cluster.x-k8s.io/AzureMachinePool":                capzMachine("spec", "template"),
	"infrastructure.cluster.x-k8s.io/AzureManagedMachinePool":         capzPool("spec"),
	"infrastructure.cluster.x-k8s.io/AzureManagedMachinePoolTemplate": capzPool("spec", "template", "spec"),
	"infrastructure.cluster.x-k8s.io/AzureCluster":                    capzNetwork("spec"),
	"infrastructure.cluster.x-k8s.io/AzureClusterTemplate":            capzNetwork("spec", "template", "spec"),
	"ec2.services.k8s.aws/SecurityGroup":                              ackSecurityGroup,
	"ec2.aws.upbound.io/LaunchTemplate":                               crossplaneTemplate,
	"ec2.aws.m.upbound.io/LaunchTemplate":                             crossplaneTemplate,
	"eksctl.io/ClusterConfig":                                         eksctlNodes,
	"talos.dev/MachineConfig":                                         talosNodes,
	"containerservice.azure.com/ManagedCluster":                       asoPools,
	"containerservice.azure.com/ManagedClustersAgentPool":             asoPool,
}

// NodesOf are the machines that an object describes.
func NodesOf(o *manifest.Object) []Node {
	adapter, o := adapterOf(nodes, o)
	if adapter == nil {
		return nil
	}
	return adapter(o)
}

// sessionTokens is the setting of AWS's metadata service, open without a token
// unless it says otherwise.
func sessionTokens(tokens, endpoint manifest.Node) Setting {
	off := endpoint.Text() == "disabled"
	return mended(tokens, tokens.Text() != "required" && !off, "required").depending(endpoint)
}

// explicit is a setting of which only a value counts that the source gives:
// what it leaves out is safe, or nobody knows.
func explicit(at manifest.Node, weak func(manifest.Node) bool, value string) Setting {
	return mended(at, at.Unknown() || at.Set() && !Unknown(at.Text()) && weak(at), value)
}

// unencrypted is the setting of a disk that is not encrypted unless it says so.
func unencrypted(at manifest.Node, who, value string) Setting {
	s := mended(at, !isTrue(at) && !Unknown(at.Text()), value)
	s.Who = who
	return s
}

// isTrue and isFalse take text for a boolean too, as some sources have it.
func isTrue(at manifest.Node) bool  { return strings.EqualFold(at.Text(), "true") }
func isFalse(at manifest.Node) bool { return strings.EqualFold(at.Text(), "false") }

// far says that answers of the metadata service reach pods.
func far(at manifest.Node) bool {
	hops, err := strconv.Atoi(at.Text())
	return err == nil && hops > 1
}

// notRequired says that the metadata service answers without a token.
func notRequired(at manifest.Node) bool { return at.Text() != "required" }

// general says of an operating system's family, as sources call it, that it is
// not made for containers alone. What nobody knows is not.
func general(family string) bool {
	family = strings.ToLower(family)
	for _, name := range []string{"bottlerocket", "flatcar", "cos", "talos", "azurelinux", "custom"} {
		if strings.HasPrefix(family, name) {
			return false
		}
	}
	return family != ""
}
