package infra

import "github.com/rendergate/rendergate/render/manifest"

// Node is what machines of a cluster are started with.
type Node struct {
	Name     string  // of the group, where an object has several
	Metadata Setting // whether the instance metadata service asks for a session token
}

// nodes are the adapters, by what describes machines.
var nodes = map[string]func(o *manifest.Object) []Node{
	"aws_launch_template":      terraformInstance,
	"aws_launch_configuration": terraformInstance,
	"aws_instance":             terraformInstance,
	"module":                   terraformEKSNodes,

	"karpenter.k8s.aws/EC2NodeClass":                     explicitTokens("spec", "metadataOptions"),
	"kops.k8s.io/InstanceGroup":                          explicitTokens("spec", "instanceMetadata"),
	"infrastructure.cluster.x-k8s.io/AWSMachineTemplate": tokens("spec", "template", "spec", "instanceMetadataOptions"),
	"infrastructure.cluster.x-k8s.io/AWSMachine":         tokens("spec", "instanceMetadataOptions"),
	"infrastructure.cluster.x-k8s.io/AWSMachinePool":     tokens("spec", "awsLaunchTemplate", "instanceMetadataOptions"),
	"ec2.services.k8s.aws/LaunchTemplate":                tokens("spec", "data", "metadataOptions"),
	"ec2.services.k8s.aws/Instance":                      tokens("spec", "metadataOptions"),
	"ec2.aws.upbound.io/LaunchTemplate":                  crossplaneTokens,
	"ec2.aws.upbound.io/Instance":                        crossplaneTokens,
	"ec2.aws.m.upbound.io/LaunchTemplate":                crossplaneTokens,
	"ec2.aws.m.upbound.io/Instance":                      crossplaneTokens,
	"eksctl.io/ClusterConfig":                            eksctlNodes,
}

// NodesOf are the machines that an object describes.
func NodesOf(o *manifest.Object) []Node {
	if adapter := nodes[o.GroupKind()]; adapter != nil {
		return adapter(o)
	}
	return nil
}

// sessionTokens is the setting of AWS's metadata service, open without a token
// unless it says otherwise.
func sessionTokens(tokens, endpoint manifest.Node) Setting {
	off := endpoint.Text() == "disabled"
	return mended(tokens, tokens.Text() != "required" && !off, "required")
}
