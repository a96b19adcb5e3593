package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var cloudRoleDefaultSA = &Check{
	ID:       "cloud-role-default-sa",
	Title:    "Default service account of a project gets a role",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.3.0",
	Why:      "Every machine and program that names no account of its own has that role from then on.",
	Fix:      "Make a service account for what needs the role, and let that run as it.",
	Source:   "CIS Google Cloud 4.1; CIS GKE 5.2.1",
	Aliases:  []string{"CKV_GCP_46", "CKV_GCP_47", "CKV_GCP_48", "GCP-0004", "GCP-0006", "GCP-0008"},
	Bad: `apiVersion: iam.cnrm.cloud.google.com/v1beta1
kind: IAMPolicyMember
metadata: {name: nodes}
spec:
  member: serviceAccount:123456789012-compute@developer.gserviceaccount.com # want
  role: roles/storage.objectViewer
  resourceRef: {kind: Project, external: projects/shop}
`,
	Good: `apiVersion: iam.cnrm.cloud.google.com/v1beta1
kind: IAMPolicyMember
metadata: {name: nodes}
spec:
  member: serviceAccount:nodes@shop.iam.gserviceaccount.com
  role: roles/storage.objectViewer
  resourceRef: {kind: Project, external: projects/shop}
`,
	NearMiss: `apiVersion: iam.cnrm.cloud.google.com/v1beta1
kind: IAMPolicyMember
metadata: {name: nodes}
spec:
  member: user:compute@example.com
  role: roles/storage.objectViewer
  resourceRef: {kind: Project, external: projects/shop}
`,
	Terraform: Examples{
		Bad: `resource "google_project_iam_member" "nodes" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${data.google_project.this.number}-compute@developer.gserviceaccount.com" # want
}

resource "google_folder_iam_binding" "apps" {
  folder  = "folders/1"
  role    = "roles/storage.objectViewer"
  members = ["group:team@example.com", "serviceAccount:shop@appspot.gserviceaccount.com"] # want
}
`,
		Good: `resource "google_project_iam_member" "nodes" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${google_service_account.nodes.email}"
}
`,
		NearMiss: `resource "google_storage_bucket_iam_member" "nodes" {
  bucket = "logs"
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:123456789012-compute@developer.gserviceaccount.com"
}
`,
	},
	Run: func(p *Pass) {
		for _, g := range infra.IAMOf(p.Object).Grants {
			if g.Scope < infra.OfProject {
				continue
			}
			for _, member := range g.Members {
				if infra.DefaultAccount(member.Partly()) {
					p.Report(member.Known(), manifest.Subject{Class: g.Role.Partly() + " for " + member.Partly()}, "%s gives %s to the default service account; an account for what needs it is expected",
						infra.Described(p.Object), quoted(g.Role.Known()))
				}
			}
		}
	},
}
