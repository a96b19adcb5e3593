package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var aksAuditOff = &Check{
	ID:       "aks-audit-off",
	Title:    "AKS keeps no audit log",
	Severity: Medium,
	Topic:    AuditLogging,
	Since:    "0.1.0",
	Why:      "Who read a secret, ran a command in a pod or became administrator leaves no trace.",
	Fix:      "Add a diagnostic setting of the cluster with the category `kube-audit` or `kube-audit-admin`.",
	Source:   "CIS AKS 2.1.1",
	Aliases:  []string{"CKV_AZURE_4", "AZU-0040", "C-0254"},
	Bad: `apiVersion: containerservice.azure.com/v1api20240901
kind: ManagedCluster
metadata: {name: main}
spec:
  location: westeurope # want
  apiServerAccessProfile: {enablePrivateCluster: true}
---
apiVersion: containerservice.azure.com/v1api20240901
kind: ManagedCluster
metadata: {name: other}
spec:
  location: westeurope
---
apiVersion: insights.azure.com/v1api20210501preview
kind: DiagnosticSetting
metadata: {name: other}
spec:
  owner: {group: containerservice.azure.com, kind: ManagedCluster, name: other}
  logs:
    - {category: kube-scheduler, enabled: true} # want
`,
	Good: `apiVersion: containerservice.azure.com/v1api20240901
kind: ManagedCluster
metadata: {name: main}
spec:
  location: westeurope
---
apiVersion: insights.azure.com/v1api20210501preview
kind: DiagnosticSetting
metadata: {name: main}
spec:
  owner: {group: containerservice.azure.com, kind: ManagedCluster, name: main}
  logs:
    - {category: kube-audit-admin, enabled: true}
`,
	NearMiss: `apiVersion: insights.azure.com/v1api20210501preview
kind: DiagnosticSetting
metadata: {name: vault}
spec:
  owner: {group: keyvault.azure.com, kind: Vault, name: main}
  logs:
    - {category: AuditEvent, enabled: true}
`,
	Terraform: Examples{
		Bad: `resource "azurerm_kubernetes_cluster" "main" { # want
  name = "main"
}

resource "azurerm_kubernetes_cluster" "other" {
  name = "other"
}

resource "azurerm_monitor_diagnostic_setting" "other" {
  name               = "other"
  target_resource_id = azurerm_kubernetes_cluster.other.id
  enabled_log { # want
    category = "kube-scheduler"
  }
}
`,
		Good: `resource "azurerm_kubernetes_cluster" "main" {
  count = 1
  name  = "main"
}

resource "azurerm_monitor_diagnostic_setting" "main" {
  name               = "main"
  target_resource_id = azurerm_kubernetes_cluster.main[0].id
  enabled_log {
    category = "kube-apiserver"
  }
  enabled_log {
    category = "kube-audit-admin"
  }
}
`,
		NearMiss: `variable "targets" {}

resource "azurerm_kubernetes_cluster" "main" {
  name = "main"
}

resource "azurerm_monitor_diagnostic_setting" "all" {
  for_each           = var.targets
  name               = each.key
  target_resource_id = each.value
  enabled_log {
    category = "AuditEvent"
  }
}
`,
	},
	RunTarget: func(p *Pass) {
		for _, o := range p.Objects {
			if c, ok := infra.ClusterOf(o); ok && c.Kind == "AKS cluster" {
				p.aksAudit(o)
			}
		}
	},
}

// aksAudit looks for diagnostics of a cluster among all objects. Diagnostics of
// which nobody knows what they are about may be the cluster's.
func (p *Pass) aksAudit(cluster *manifest.Object) {
	at := cluster.Root
	if spec := at.Get("spec"); spec.IsMap() {
		at = spec
	}
	at = firstUnknown(at, cluster.Root.Get("metadata"), cluster.Root.Get("metadata", "name"))
	for _, o := range p.Together() {
		d, ok := infra.DiagnosticsOf(o)
		if !ok {
			continue
		}
		about, known := d.About(cluster)
		switch {
		case !known:
			at = firstUnknown(d.Of, d.Of.Get("name"), d.Of.Get("kind"), d.Of.Get("group"))
		case about && !d.Audit.Weak:
			return
		case about:
			at = d.Audit.At
		}
	}
	p.Report(at, manifest.Subject{Class: cluster.Name}, "AKS cluster %q keeps no audit log; a diagnostic setting with kube-audit or kube-audit-admin is expected", cluster.Name)
}
