package checks

import (
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var cloudIdentityShared = &Check{
	ID:       "cloud-identity-shared",
	Title:    "Several workloads share one identity of the cloud",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "What one of them needs all of them have, and whoever takes over the weakest has it too; on the account `default` every pod of the namespace does.",
	Fix:      "Give each service account a role, a Google service account or a managed identity of its own, and none to `default`.",
	Source:   "CIS Amazon EKS 5.2.1; CIS Google Kubernetes Engine 5.2.2",
	Aliases:  []string{"C-0225"},
	Bad: `apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
  namespace: shop
  annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/shop"} # want
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: worker
  namespace: shop
  annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/shop"} # want
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: default
  namespace: shop
  annotations: {iam.gke.io/gcp-service-account: shop@acme.iam.gserviceaccount.com} # want
`,
	Good: `apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
  namespace: shop
  annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/web"}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: worker
  namespace: shop
  annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/worker"}
`,
	NearMiss: `apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
  namespace: shop
  annotations: {eks.amazonaws.com/role-arn: "${ROLE_ARN}"}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: worker
  namespace: shop
  annotations: {eks.amazonaws.com/role-arn: "${ROLE_ARN}"}
`,
	RunTarget: func(p *Pass) {
		holders := map[string]map[string]bool{}
		var all []infra.WorkloadIdentity
		for _, o := range p.Objects {
			for _, w := range infra.WorkloadIdentities(o) {
				if w.Identity == "" || infra.Unknown(w.Identity) && !w.At.Unknown() {
					continue // filled in later, for each by itself
				}
				all = append(all, w)
				if holders[w.Identity] == nil {
					holders[w.Identity] = map[string]bool{}
				}
				holders[w.Identity][w.Namespace+"/"+w.Account] = true
			}
		}
		for _, w := range all {
			switch {
			case w.Account == "default":
				p.Report(w.At, manifest.Subject{Class: "default"}, "every pod of namespace %q that names no service account has %s; an account of the workload is expected", w.Namespace, w.Identity)
			case len(holders[w.Identity]) > 1 && !strings.Contains(w.Account, "*"):
				p.Report(w.At, manifest.Subject{Class: w.Identity}, "service account %q shares %s with another one; an identity of its own is expected", w.Account, w.Identity)
			}
		}
	},
}
