package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var registryScanOff = &Check{
	ID:       "registry-scan-off",
	Title:    "Images are not scanned when they are pushed",
	Severity: Medium,
	Topic:    RegistryAccess,
	Since:    "0.1.0",
	Why:      "Known holes in an image are found by whoever attacks it first.",
	Fix:      "Set `scan_on_push = true` in `image_scanning_configuration`, or scan the whole registry with a scanning configuration.",
	Source:   "CIS EKS 5.1.1; AWS Foundational Security Best Practices ECR.1",
	Aliases:  []string{"CKV_AWS_163", "AWS-0030", "C-0221", "CKV_AZURE_86"},
	Mend:     mendsSetting,
	Bad: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  imageTagMutability: IMMUTABLE
  imageScanningConfiguration:
    scanOnPush: false # want
`,
	Good: `apiVersion: ecr.services.k8s.aws/v1alpha1
kind: Repository
metadata: {name: app}
spec:
  imageScanningConfiguration: {scanOnPush: true}
`,
	NearMiss: `apiVersion: artifactregistry.cnrm.cloud.google.com/v1beta1
kind: ArtifactRegistryRepository
metadata: {name: app}
spec:
  format: DOCKER
`,
	Terraform: Examples{
		Bad: `resource "aws_ecr_repository" "app" { # want
  name = "app"
}

resource "aws_ecr_repository" "web" {
  name = "web"
  image_scanning_configuration {
    scan_on_push = false # want
  }
}

module "ecr" {
  source                        = "terraform-aws-modules/ecr/aws"
  repository_image_scan_on_push = false # want
}

resource "google_artifact_registry_repository" "app" {
  repository_id = "app"
  format        = "DOCKER"
  vulnerability_scanning_config {
    enablement_config = "DISABLED" # want
  }
}
`,
		Good: `resource "aws_ecr_repository" "app" {
  name = "app"
  image_scanning_configuration {
    scan_on_push = true
  }
}
`,
		NearMiss: `resource "aws_ecr_repository" "app" {
  name = "shop/app"
}

resource "aws_ecr_registry_scanning_configuration" "all" {
  scan_type = "ENHANCED"
  rule {
    scan_frequency = "CONTINUOUS_SCAN"
    repository_filter {
      filter      = "shop/*"
      filter_type = "WILDCARD"
    }
  }
}
`,
	},
	RunTarget: func(p *Pass) {
		for _, o := range p.Objects {
			r, ok := infra.RegistryOf(o)
			if !ok || !r.Scan.Weak {
				continue
			}
			at, scanned := infra.RegistryScan(p.Together(), o)
			if scanned {
				continue
			}
			p.Report(firstUnknown(r.Scan.At, at), manifest.Subject{}, "%s %q is not scanned when images are pushed; that it is scanned is expected", r.Kind, r.Name)
		}
	},
}
