package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var registryAdminUser = &Check{
	ID:       "registry-admin-user",
	Title:    "Registry has an administrator whom everybody shares",
	Severity: High,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "One password reads and overwrites every image; who used it nobody can tell, and it is no account that could be closed.",
	Fix:      "Set `admin_enabled = false` and give workloads and pipelines identities of their own.",
	Source:   "Microsoft cloud security benchmark, IM-3; CIS AKS 5.1.2",
	Aliases:  []string{"CKV_AZURE_137"},
	Mend:     mendsSetting,
	Bad: `apiVersion: containerregistry.azure.com/v1api20230701
kind: Registry
metadata: {name: app}
spec:
  publicNetworkAccess: Disabled
  adminUserEnabled: true # want
`,
	Good: `apiVersion: containerregistry.azure.com/v1api20230701
kind: Registry
metadata: {name: app}
spec:
  publicNetworkAccess: Disabled
  adminUserEnabled: false
`,
	NearMiss: `apiVersion: containerregistry.azure.com/v1api20230701
kind: Registry
metadata: {name: app}
spec:
  publicNetworkAccess: Disabled
`,
	Terraform: Examples{
		Bad: `resource "azurerm_container_registry" "app" {
  name          = "app"
  admin_enabled = true # want
}
`,
		Good: `resource "azurerm_container_registry" "app" {
  name          = "app"
  admin_enabled = false
}
`,
		NearMiss: `resource "azurerm_container_registry" "app" {
  name = "app"
}

resource "azurerm_container_registry" "web" {
  name          = "web"
  admin_enabled = var.admin
}

variable "admin" {}
`,
	},
	Run: func(p *Pass) {
		if r, ok := infra.RegistryOf(p.Object); ok && r.Admin.Weak {
			p.Report(r.Admin.At, manifest.Subject{}, "%s %q has an administrator with a password; none is expected", r.Kind, r.Name)
		}
	},
}
