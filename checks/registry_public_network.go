package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var registryPublicNetwork = &Check{
	ID:       "registry-public-network",
	Title:    "Registry answers every network",
	Severity: Medium,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "A leaked credential works from anywhere on the internet.",
	Fix:      "Set `public_network_access_enabled = false` and use a private endpoint, or deny by default and name networks in `network_rule_set`.",
	Source:   "Microsoft cloud security benchmark, NS-2",
	Aliases:  []string{"CKV_AZURE_139"},
	Mend:     mendsSetting,
	Bad: `apiVersion: containerregistry.azure.com/v1api20230701
kind: Registry
metadata: {name: app}
spec:
  publicNetworkAccess: Enabled # want
`,
	Good: `apiVersion: containerregistry.azure.com/v1api20230701
kind: Registry
metadata: {name: app}
spec:
  publicNetworkAccess: Disabled
`,
	NearMiss: `apiVersion: containerregistry.azure.com/v1api20230701
kind: Registry
metadata: {name: app}
spec:
  networkRuleSet:
    defaultAction: Deny
`,
	Terraform: Examples{
		Bad: `resource "azurerm_container_registry" "app" { # want
  name = "app"
}

resource "azurerm_container_registry" "web" {
  name                          = "web"
  public_network_access_enabled = true # want
}
`,
		Good: `resource "azurerm_container_registry" "app" {
  name                          = "app"
  public_network_access_enabled = false
}
`,
		NearMiss: `resource "azurerm_container_registry" "app" {
  name = "app"
  network_rule_set {
    default_action = "Deny"
  }
}
`,
	},
	Run: func(p *Pass) {
		if r, ok := infra.RegistryOf(p.Object); ok && r.Network.Weak {
			p.Report(r.Network.At, manifest.Subject{}, "%s %q answers every network; none, or networks that are named, are expected", r.Kind, r.Name)
		}
	},
}
