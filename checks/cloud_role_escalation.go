package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var cloudRoleEscalation = &Check{
	ID:       "cloud-role-escalation",
	Title:    "Role lets its holder become any account of a whole project",
	Severity: High,
	Topic:    CloudIAM,
	Since:    "0.3.0",
	Why:      "Who may act as every service account, or give roles, is the owner of the project one step later.",
	Fix:      "Give the role on the one service account that it is about, and let people ask for the right to give roles.",
	Source:   "CIS Google Cloud 1.6; Google Cloud, best practices for service accounts; MITRE ATT&CK T1098",
	Aliases:  []string{"CKV_GCP_41", "CKV_GCP_44", "CKV_GCP_45", "CKV_GCP_49", "GCP-0005", "GCP-0009", "GCP-0011"},
	Covers:   coversGrantOfRole,
	Bad: `apiVersion: iam.cnrm.cloud.google.com/v1beta1
kind: IAMPolicyMember
metadata: {name: ci}
spec:
  member: serviceAccount:ci@shop.iam.gserviceaccount.com
  role: roles/iam.serviceAccountTokenCreator # want
  resourceRef: {kind: Project, external: projects/shop}
`,
	Good: `apiVersion: iam.cnrm.cloud.google.com/v1beta1
kind: IAMPolicyMember
metadata: {name: ci}
spec:
  member: serviceAccount:ci@shop.iam.gserviceaccount.com
  role: roles/iam.serviceAccountTokenCreator
  resourceRef: {kind: IAMServiceAccount, name: app}
`,
	NearMiss: `apiVersion: iam.cnrm.cloud.google.com/v1beta1
kind: IAMPolicyMember
metadata: {name: ci}
spec:
  member: serviceAccount:ci@shop.iam.gserviceaccount.com
  role: roles/iam.serviceAccountViewer
  resourceRef: {kind: Project, external: projects/shop}
`,
	Terraform: Examples{
		Bad: `resource "google_project_iam_member" "ci" {
  project = var.project
  role    = "roles/iam.serviceAccountUser" # want
  member  = "serviceAccount:${google_service_account.ci.email}"
}

resource "google_folder_iam_binding" "team" {
  folder  = var.folder
  role    = "roles/resourcemanager.projectIamAdmin" # want
  members = ["group:team@example.com"]
}
`,
		Good: `resource "google_service_account_iam_member" "ci" {
  service_account_id = google_service_account.app.name
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${google_service_account.ci.email}"
}
`,
		NearMiss: `resource "google_project_iam_member" "ci" {
  project = var.project
  role    = var.role
  member  = "serviceAccount:${google_service_account.ci.email}"
}

variable "role" {}
`,
	},
	Run: func(p *Pass) {
		for _, g := range infra.IAMOf(p.Object).Grants {
			if g.Scope < infra.OfProject || !slices.Contains(escalatingRoles, strings.ToLower(g.Role.Text())) && !g.Role.Unknown() {
				continue
			}
			members := membersOf(g)
			p.Report(g.Role, manifest.Subject{Class: g.Role.Partly() + " for " + strings.Join(members, ",") + in + whereOf(g)}, "%s gives %s %s for a whole %s; the one service account is expected",
				infra.Described(p.Object), orDefault(few(members), "its holder"), quoted(g.Role), scopeName(p.Object))
		}
	},
}

// escalatingRoles are those by which one becomes another service account, or gives
// oneself roles. Those that may do nearly everything are cloud-role-broad's.
// Source: Google Cloud, IAM permissions reference.
var escalatingRoles = []string{
	"roles/iam.serviceaccountuser", "roles/iam.serviceaccounttokencreator", "roles/iam.serviceaccountopenidtokencreator", "roles/iam.serviceaccountadmin",
	"roles/iam.serviceaccountkeyadmin", "roles/iam.workloadidentityuser", "roles/iam.workloadidentitypooladmin", "roles/iam.securityadmin",
	"roles/iam.roleadmin", "roles/iam.organizationroleadmin", "roles/resourcemanager.projectiamadmin", "roles/resourcemanager.folderiamadmin",
	"roles/resourcemanager.folderadmin", "roles/resourcemanager.organizationadmin", "roles/deploymentmanager.editor", "roles/dataflow.developer",
	"roles/cloudbuild.builds.editor",
}
