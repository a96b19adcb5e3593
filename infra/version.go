package infra

import (
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Release is the Kubernetes version that an object asks for.
type Release struct {
	At      manifest.Node
	Minor   int  // of 1.Minor
	Managed bool // by a cloud that supports it for longer
}

// versionWays are the places of versions.
var versionWays = map[string][][]string{
	"kubeadm.k8s.io/ClusterConfiguration":                              {{"kubernetesVersion"}},
	"controlplane.cluster.x-k8s.io/KubeadmControlPlane":                {{"spec", "version"}},
	"controlplane.cluster.x-k8s.io/RKE2ControlPlane":                   {{"spec", "version"}},
	"controlplane.cluster.x-k8s.io/TalosControlPlane":                  {{"spec", "version"}},
	"cluster.x-k8s.io/MachineDeployment":                               {{"spec", "template", "spec", "version"}},
	"cluster.x-k8s.io/MachinePool":                                     {{"spec", "template", "spec", "version"}},
	"cluster.x-k8s.io/Cluster":                                         {{"spec", "topology", "version"}},
	"kops.k8s.io/Cluster":                                              {{"spec", "kubernetesVersion"}},
	"talhelper.dev/TalConfig":                                          {{"kubernetesVersion"}},
	"eksctl.io/ClusterConfig":                                          {{"metadata", "version"}},
	"controlplane.cluster.x-k8s.io/AWSManagedControlPlane":             {{"spec", "version"}},
	"AWS::EKS::Cluster":                                                {{"Properties", "Version"}},
	"AWS::EKS::Nodegroup":                                              {{"Properties", "Version"}},
	"eks.services.k8s.aws/Cluster":                                     {{"spec", "version"}},
	"eks.aws.upbound.io/Cluster":                                       {{"spec", "forProvider", "version"}},
	"containerservice.azure.com/ManagedCluster":                        {{"spec", "kubernetesVersion"}},
	"container.cnrm.cloud.google.com/ContainerCluster":                 {{"spec", "minMasterVersion"}},
	"upgrade.cattle.io/Plan":                                           {{"spec", "version"}},
	"controlplane.cluster.x-k8s.io/AWSManagedControlPlaneTemplate":     {{"spec", "template", "spec", "version"}},
	"controlplane.cluster.x-k8s.io/RKE2ControlPlaneTemplate":           {{"spec", "template", "spec", "version"}},
	"controlplane.cluster.x-k8s.io/KThreesControlPlane":                {{"spec", "version"}},
	"infrastructure.cluster.x-k8s.io/AzureManagedControlPlane":         {{"spec", "version"}},
	"infrastructure.cluster.x-k8s.io/AzureManagedControlPlaneTemplate": {{"spec", "template", "spec", "version"}},
	"infrastructure.cluster.x-k8s.io/GCPManagedControlPlane":           {{"spec", "version"}, {"spec", "controlPlaneVersion"}},
	"containerservice.azure.com/ManagedClustersAgentPool":              {{"spec", "orchestratorVersion"}},

	"aws_eks_cluster":                      {{"version"}},
	"aws_eks_node_group":                   {{"version"}},
	"google_container_cluster":             {{"min_master_version"}, {"node_version"}},
	"google_container_node_pool":           {{"version"}},
	"azurerm_kubernetes_cluster":           {{"kubernetes_version"}},
	"azurerm_kubernetes_cluster_node_pool": {{"orchestrator_version"}},
}

// moduleVersions are the inputs of the registry's modules that hold versions.
var moduleVersions = map[string][][]string{
	eksModule:                    {{"kubernetes_version"}, {"cluster_version"}},
	"cloudposse/eks-cluster/aws": {{"kubernetes_version"}},
	aksModule:                    {{"kubernetes_version"}, {"orchestrator_version"}},
}

// versionPlaces are the places of versions of an object.
func versionPlaces(o *manifest.Object) []manifest.Node {
	ways, seen := versionWays[o.GroupKind()], o
	for name, inputs := range moduleVersions {
		if moduleFrom(o, name) {
			ways = inputs
		}
	}
	if _, gke := gkeVariant(o); gke {
		ways = [][]string{{"kubernetes_version"}}
	}
	for _, viewOf := range []func(*manifest.Object) (view, bool){crossplaneView, configConnectorView, ackView} {
		if v, is := viewOf(o); is && ways == nil {
			ways, seen = versionWays[v.kind], o.As(v.kind, o.Root.Get(v.way...), v.names)
		}
	}
	var all []manifest.Node
	for _, way := range ways {
		all = append(all, seen.Root.Get(way...))
	}
	return all
}

// managed says that a cloud supports the versions of an object's cluster for longer
// than the community does.
func managed(o *manifest.Object) bool {
	group := o.Group()
	switch {
	case o.APIVersion == "terraform", group == "eksctl.io", strings.HasPrefix(group, "eks."), strings.HasPrefix(o.Kind, "AWS::EKS::"), strings.HasPrefix(group, "container."), strings.HasPrefix(group, "containerservice."):
		return true
	}
	for _, prefix := range []string{"AWSManaged", "AzureManaged", "GCPManaged"} {
		if strings.HasPrefix(o.Kind, prefix) {
			return true
		}
	}
	return false
}

// ReleaseOf is the version that an object asks for; false where it asks for
// none, or nobody knows.
func ReleaseOf(o *manifest.Object) (Release, bool) {
	for _, at := range versionPlaces(o) {
		parts := strings.Split(strings.TrimPrefix(at.Text(), "v"), ".")
		if len(parts) < 2 || parts[0] != "1" || Unknown(at.Text()) {
			continue
		}
		if minor, err := strconv.Atoi(parts[1]); err == nil {
			return Release{at, minor, managed(o)}, true
		}
	}
	return Release{}, false
}
