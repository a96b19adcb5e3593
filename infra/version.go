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
	"kubeadm.k8s.io/ClusterConfiguration":                  {{"kubernetesVersion"}},
	"controlplane.cluster.x-k8s.io/KubeadmControlPlane":    {{"spec", "version"}},
	"controlplane.cluster.x-k8s.io/RKE2ControlPlane":       {{"spec", "version"}},
	"controlplane.cluster.x-k8s.io/TalosControlPlane":      {{"spec", "version"}},
	"cluster.x-k8s.io/MachineDeployment":                   {{"spec", "template", "spec", "version"}},
	"cluster.x-k8s.io/MachinePool":                         {{"spec", "template", "spec", "version"}},
	"cluster.x-k8s.io/Cluster":                             {{"spec", "topology", "version"}},
	"kops.k8s.io/Cluster":                                  {{"spec", "kubernetesVersion"}},
	"talhelper.dev/TalConfig":                              {{"kubernetesVersion"}},
	"eksctl.io/ClusterConfig":                              {{"metadata", "version"}},
	"controlplane.cluster.x-k8s.io/AWSManagedControlPlane": {{"spec", "version"}},
	"AWS::EKS::Cluster":                                    {{"Properties", "Version"}},
	"AWS::EKS::Nodegroup":                                  {{"Properties", "Version"}},
	"eks.services.k8s.aws/Cluster":                         {{"spec", "version"}},
	"eks.aws.upbound.io/Cluster":                           {{"spec", "forProvider", "version"}},
	"containerservice.azure.com/ManagedCluster":            {{"spec", "kubernetesVersion"}},
	"container.cnrm.cloud.google.com/ContainerCluster":     {{"spec", "minMasterVersion"}},
	"upgrade.cattle.io/Plan":                               {{"spec", "version"}},

	"aws_eks_cluster":                      {{"version"}},
	"aws_eks_node_group":                   {{"version"}},
	"google_container_cluster":             {{"min_master_version"}, {"node_version"}},
	"google_container_node_pool":           {{"version"}},
	"azurerm_kubernetes_cluster":           {{"kubernetes_version"}},
	"azurerm_kubernetes_cluster_node_pool": {{"orchestrator_version"}},
}

// ReleaseOf is the version that an object asks for; false where it asks for
// none, or nobody knows.
func ReleaseOf(o *manifest.Object) (Release, bool) {
	ways := versionWays[o.GroupKind()]
	if moduleFrom(o, eksModule) {
		ways = [][]string{{"kubernetes_version"}, {"cluster_version"}}
	}
	for _, way := range ways {
		at := o.Root.Get(way...)
		parts := strings.Split(strings.TrimPrefix(at.Text(), "v"), ".")
		if len(parts) < 2 || parts[0] != "1" || Unknown(at.Text()) {
			continue
		}
		if minor, err := strconv.Atoi(parts[1]); err == nil {
			group := o.Group()
			managed := o.APIVersion == "terraform" || group == "eksctl.io" || strings.HasPrefix(group, "eks.") || strings.HasPrefix(o.Kind, "AWS::EKS::") || o.Kind == "AWSManagedControlPlane" || o.Kind == "ManagedCluster" || o.Kind == "ContainerCluster"
			return Release{at, minor, managed}, true
		}
	}
	return Release{}, false
}
