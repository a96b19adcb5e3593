package infra

import (
	"github.com/rendergate/rendergate/render/manifest"
)

// Logins are the settings of how a managed cluster takes logins, and of whom its
// machines and pods are in the cloud.
type Logins struct {
	Legacy   []Setting // ways in that no identity of the cloud is behind
	Workload []Setting // whether pods have no identity of the cloud of their own
	Nodes    []Setting // whether machines run as the project's default identity
}

// logins are the adapters, by what describes a cluster or its machines.
var logins = map[string]func(o *manifest.Object) Logins{
	"google_container_cluster":   gkeLogins,
	"google_container_node_pool": func(o *manifest.Object) Logins { return gkePoolLogins(o.Root.Get("node_config"), googleNames) },
	"azurerm_kubernetes_cluster": aksLogins,
	"module":                     loginsOfModules,

	"google_compute_instance":                 googleMachineLogins,
	"google_compute_instance_template":        googleMachineLogins,
	"google_compute_region_instance_template": googleMachineLogins,
	"google_compute_instance_from_template":   googleMachineLogins,

	"containerservice.azure.com/ManagedCluster":                        asoLogins,
	"infrastructure.cluster.x-k8s.io/AzureManagedControlPlane":         capzLogins("spec"),
	"infrastructure.cluster.x-k8s.io/AzureManagedControlPlaneTemplate": capzLogins("spec", "template", "spec"),
	"infrastructure.cluster.x-k8s.io/GCPManagedControlPlane":           capgLogins("spec"),
	"infrastructure.cluster.x-k8s.io/GCPManagedControlPlaneTemplate":   capgLogins("spec", "template", "spec"),
	"container.cnrm.cloud.google.com/ContainerCluster": func(o *manifest.Object) Logins {
		if abac := o.Root.Get("spec", "enableLegacyAbac"); abac.Set() {
			return Logins{Legacy: []Setting{mended(abac, !isFalse(abac), "false")}}
		}
		return Logins{}
	},
	"container.cnrm.cloud.google.com/ContainerNodePool": func(o *manifest.Object) Logins {
		return gkePoolLogins(o.Root.Get("spec", "nodeConfig"), connectorNames)
	},
}

// LoginsOf are those of what an object describes.
func LoginsOf(o *manifest.Object) Logins {
	adapter, o := adapterOf(logins, o)
	if adapter == nil {
		return Logins{}
	}
	return adapter(o)
}

// poolNames are what the fields of a node pool are called: the account, what
// names it in Config Connector, the metadata server and its mode.
type poolNames struct{ account, metadata, mode string }

var (
	googleNames    = poolNames{"service_account", "workload_metadata_config", "mode"}
	connectorNames = poolNames{"serviceAccountRef", "workloadMetadataConfig", "mode"}
)

func gkePoolLogins(config manifest.Node, names poolNames) Logins {
	if !config.IsMap() && !config.Unknown() {
		config = firstOr(config)
	}
	account := config.Get(names.account)
	for _, field := range []string{"external", "name"} {
		if at := account.Get(field); account.IsMap() && at.Set() {
			account = at
			break
		}
	}
	byDefault := !account.Set() || DefaultAccount(account.Partly())
	all := Logins{Nodes: []Setting{{At: Named(account), Weak: account.Unknown() && account.Partly() == "" || byDefault}}}
	metadata := config.Get(names.metadata)
	if metadata.IsList() {
		metadata = metadata.Item(0)
	}
	mode := metadata.Get(names.mode)
	exposed := mode.Set() && mode.Text() != "GKE_METADATA" && mode.Text() != "GKE_METADATA_SERVER"
	all.Workload = append(all.Workload, mended(mode, exposed, "GKE_METADATA"))
	return all
}

// firstOr is the first block of a list, or the place where one could stand.
func firstOr(at manifest.Node) manifest.Node {
	if first := at.Item(0); first.Exists() {
		return first
	}
	return at
}

func gkeLogins(o *manifest.Object) Logins {
	all := Logins{}
	if abac := o.Root.Get("enable_legacy_abac"); abac.Set() {
		all.Legacy = append(all.Legacy, mended(abac, !isFalse(abac), "false"))
	}
	auth := block(o.Root, "master_auth")
	if password := auth.Get("password"); password.Set() && (password.Unknown() || password.Text() != "") {
		all.Legacy = append(all.Legacy, Setting{At: password, Weak: true})
	}
	if issue := block(auth, "client_certificate_config").Get("issue_client_certificate"); issue.Set() {
		all.Legacy = append(all.Legacy, mended(issue, !isFalse(issue), "false"))
	}
	autopilot := o.Root.Get("enable_autopilot")
	if isTrue(autopilot) {
		return all
	}
	identity := o.Root.Get("workload_identity_config")
	pool := block(o.Root, "workload_identity_config").Get("workload_pool")
	off := Setting{At: identity, Weak: !identity.Set() || identity.Undecided()}
	if identity.Set() && pool.Set() && pool.Text() == "" && !pool.Unknown() {
		off = Setting{At: pool, Weak: true}
	}
	if autopilot.Unknown() {
		off = Setting{At: autopilot, Weak: off.Weak}
	}
	all.Workload = append(all.Workload, off)
	removed := o.Root.Get("remove_default_node_pool")
	if config := block(o.Root, "node_config"); config.Set() && !isTrue(removed) {
		pool := gkePoolLogins(config, googleNames)
		all.Workload, all.Nodes = append(all.Workload, pool.Workload...), append(all.Nodes, pool.Nodes...)
		if removed.Unknown() {
			for i := range all.Nodes {
				all.Nodes[i].At = removed
			}
		}
	}
	scaling := block(o.Root, "cluster_autoscaling")
	if enabled := scaling.Get("enabled"); isTrue(enabled) || enabled.Unknown() {
		made := gkePoolLogins(block(scaling, "auto_provisioning_defaults"), googleNames).Nodes[0]
		all.Nodes = append(all.Nodes, made.about("auto-provisioning").depending(enabled))
	}
	return all
}

func aksLogins(o *manifest.Object) Logins {
	local := o.Root.Get("local_account_disabled")
	open := Setting{At: local, Weak: !isTrue(local)}
	// Without Entra nobody could log in any more.
	if block(o.Root, "azure_active_directory_role_based_access_control").Set() {
		open.Mends = []manifest.Edit{manifest.SetTo(local, "true")}
	}
	all := Logins{Legacy: []Setting{open}}
	rbac := o.Root.Get("role_based_access_control_enabled")
	if old := block(o.Root, "role_based_access_control").Get("enabled"); old.Set() {
		rbac = old
	}
	if rbac.Set() {
		all.Legacy = append(all.Legacy, mended(rbac, !isTrue(rbac), "true"))
	}
	identity, issuer := o.Root.Get("workload_identity_enabled"), o.Root.Get("oidc_issuer_enabled")
	off := mended(identity, !isTrue(identity), "true")
	if !isTrue(issuer) {
		off.Mends = append(off.Mends, manifest.SetTo(issuer, "true"))
	}
	all.Workload = append(all.Workload, off)
	return all
}
