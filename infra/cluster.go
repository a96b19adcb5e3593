package infra

import (
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Cluster is a managed control plane.
type Cluster struct {
	Kind     string
	Endpoint Setting // whether everybody reaches the API server
	Audit    Setting // whether audit logging is off; a zero place says nothing
	Logging  Setting // whether the provider gets no logs of the control plane, where audit is among them (GKE)
	Secrets  Setting // whether secrets are encrypted with no key of one's own
	Network  Setting // whether its network enforces no network policies; Who is what of it
	Kept     Setting // whether its logs are gone within a month; a zero place says nothing
}

// clusters are the adapters, by what describes a cluster.
var clusters = map[string]func(o *manifest.Object) Cluster{
	"aws_eks_cluster":            terraformEKS,
	"module":                     clustersOfModules,
	"google_container_cluster":   terraformGKE,
	"azurerm_kubernetes_cluster": terraformAKS,
	"aws_eks_addon":              terraformEKSNetwork,
	"aws_cloudwatch_log_group":   terraformEKSLogs,

	"AWS::EKS::Cluster":   stackEKS,
	"AWS::Logs::LogGroup": stackEKSLogs,

	"eksctl.io/ClusterConfig":                                          eksctlCluster,
	"kops.k8s.io/Cluster":                                              kopsCluster,
	"controlplane.cluster.x-k8s.io/AWSManagedControlPlane":             capaCluster("spec"),
	"controlplane.cluster.x-k8s.io/AWSManagedControlPlaneTemplate":     capaCluster("spec", "template", "spec"),
	"eks.services.k8s.aws/Cluster":                                     ackEKS,
	"containerservice.azure.com/ManagedCluster":                        asoAKS,
	"infrastructure.cluster.x-k8s.io/AzureManagedControlPlane":         capzCluster("spec"),
	"infrastructure.cluster.x-k8s.io/AzureManagedControlPlaneTemplate": capzCluster("spec", "template", "spec"),
	"infrastructure.cluster.x-k8s.io/GCPManagedControlPlane":           capgCluster("spec"),
	"infrastructure.cluster.x-k8s.io/GCPManagedControlPlaneTemplate":   capgCluster("spec", "template", "spec"),
}

// ClusterOf is the cluster that an object describes, false where it is none.
func ClusterOf(o *manifest.Object) (Cluster, bool) {
	adapter, o := adapterOf(clusters, o)
	if adapter == nil {
		return Cluster{}, false
	}
	c := adapter(o)
	return c, c.Kind != ""
}

// reachable is the setting of an EKS endpoint: public unless it says otherwise,
// to everybody unless it names who. Private access has to be on where public
// access is not.
func reachable(public, private, cidrs manifest.Node) Setting {
	if public.IsFalse() {
		return Setting{At: public}
	}
	at := cidrs
	if !cidrs.Set() {
		at = public
	}
	if public.Unknown() {
		at = public
	}
	s := Setting{At: at, Weak: !cidrs.Set() || cidrs.Len() == 0 || undecidedOr(cidrs, open(cidrs))}
	if !cidrs.Set() {
		s.Mends = []manifest.Edit{manifest.SetTo(public, "false")}
		if !private.IsTrue() {
			s.Mends = append(s.Mends, manifest.SetTo(private, "true"))
		}
		return s
	}
	if !public.Unknown() {
		s.Mends = withoutOpen(cidrs)
	}
	return s
}

// withoutOpen takes the networks that let everybody in out of a list, where it
// has others.
func withoutOpen(cidrs manifest.Node) []manifest.Edit {
	var edits []manifest.Edit
	for item := range cidrs.Items() {
		if everybody(item.Text()) {
			edits = append(edits, manifest.Remove(item))
		}
	}
	if cidrs.Undecided() || len(edits) == cidrs.Len() {
		return nil
	}
	return edits
}

// open says that a list of networks lets everybody in.
func open(cidrs manifest.Node) bool {
	for item := range cidrs.Items() {
		if everybody(item.Text()) {
			return true
		}
	}
	return false
}

func everybody(network string) bool {
	return strings.HasSuffix(network, "/0") || network == "*" || network == "Internet"
}

func undecidedOr(n manifest.Node, weak bool) bool { return n.Undecided() || weak }

// leastDays is how long an audit log has to be kept, as for an API server's own.
const leastDays = 30

// keptFor is the setting of how many days logs are kept; none, and 0, is for ever.
func keptFor(days manifest.Node) Setting {
	n, known := days.Int()
	return mended(days, days.Unknown() || known && n > 0 && n < leastDays, strconv.Itoa(leastDays))
}

// ofControlPlane says that a group of logs is the one to which EKS writes those of a
// cluster's control plane.
func ofControlPlane(name string) bool {
	return strings.HasPrefix(name, "/aws/eks/") && strings.HasSuffix(name, "/cluster")
}

// audited is the setting of a list of log types that has to name audit.
func audited(list manifest.Node) Setting {
	return Setting{At: list, Weak: !has(list, "audit", "all", "*"), Mends: []manifest.Edit{manifest.AppendTo(list, "audit")}}
}
