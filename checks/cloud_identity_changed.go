package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var cloudIdentityChanged = &Check{
	ID:       "cloud-identity-changed",
	Title:    "Workload or principal gets another cloud identity",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.2.0",
	Why:      "With the identity come all its rights in the cloud, or in the cluster: one line turns a web server into who may read every bucket.",
	Fix:      "Look up what the identity may do before you give it away, and give each workload one of its own.",
	Source:   "MITRE ATT&CK T1528; Amazon EKS Best Practices, Identity and Access Management",
	Before: accountWith(`eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/web
`) + "---\n" + awsAuthWith(`    - rolearn: arn:aws:iam::111122223333:role/nodes
      username: system:node:{{EC2PrivateDNSName}}
      groups: [system:bootstrappers, system:nodes]
`),
	Bad: accountWith(`eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/backup # want
`) + "---\n" + awsAuthWith(`    - rolearn: arn:aws:iam::111122223333:role/nodes
      username: system:node:{{EC2PrivateDNSName}}
      groups: [system:bootstrappers, system:nodes]
    - rolearn: arn:aws:iam::111122223333:role/ci # want
      username: ci
      groups: [deployers]
`),
	Good: accountWith("team: web\n") + "---\n" + awsAuthWith(`    - rolearn: arn:aws:iam::111122223333:role/nodes
      username: system:node:{{EC2PrivateDNSName}}
      groups: [system:nodes]
`),
	NearMiss: accountWith(`eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/web"
eks.amazonaws.com/sts-regional-endpoints: "true"
`) + "---\n" + awsAuthWith(`    - groups: [system:nodes, system:bootstrappers]
      rolearn: arn:aws:iam::111122223333:role/nodes
      username: system:node:{{EC2PrivateDNSName}}
`),
	Terraform: Examples{
		Before:   association("aws_iam_role.web.arn"),
		Bad:      strings.Replace(association("aws_iam_role.backup.arn"), "backup.arn", "backup.arn # want", 1) + accessEntry,
		Good:     association("aws_iam_role.web.arn") + "\nresource \"aws_iam_role\" \"backup\" {\n  name = \"backup\"\n}\n",
		NearMiss: strings.Replace(association("aws_iam_role.web.arn"), "aws_eks_pod_identity_association\" \"web", "aws_eks_pod_identity_association\" \"shop", 1),
	},
	Compare: func(p *Pass) {
		before := givenTo(slices.Concat(p.Base, p.WithBase))
		names := renamedAccounts(p.Pairs)
		for _, o := range p.Objects {
			for _, g := range giftsOf(o) {
				was, had := before[g.to]
				if !had {
					was, had = before[names[g.to]]
				}
				fresh := g.beyond(was)
				if len(fresh) == 0 || g.admin || g.user && !had {
					continue // cluster-admin-mapping or iam-user-mapped tells of it
				}
				instead := ""
				if had {
					instead = "; it had " + few(was.words())
				}
				p.Report(g.at, manifest.Subject{Class: g.to + " " + strings.Join(fresh, ",")}, "%s newly has the identity %s%s", g.to, few(fresh), instead)
			}
		}
	},
}

func accountWith(annotation string) string {
	return "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  namespace: shop\n  annotations:\n" + indented(4, annotation)
}

func awsAuthWith(roles string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth, namespace: kube-system}\ndata:\n  mapRoles: |\n" + roles
}

func association(role string) string {
	return `resource "aws_eks_pod_identity_association" "web" {
  cluster_name    = "main"
  namespace       = "shop"
  service_account = "web"
  role_arn        = ` + role + `
}
`
}

const accessEntry = `
resource "aws_eks_access_entry" "ci" {
  cluster_name      = "main"
  principal_arn     = "arn:aws:iam::111122223333:role/ci" # want
  kubernetes_groups = ["deployers"]
}
`

// gift is what somebody is given: an identity of a cloud, or of the cluster.
type gift struct {
	holding
	to          string
	at          manifest.Node
	admin, user bool // an administrator's, of whom another check tells, or a new user's
}

// holding is what somebody has by such gifts.
type holding struct {
	what     []string
	policies []infra.AccessPolicy
}

// allOfIt is what an administrator of a cluster has.
const allOfIt = "every right in the cluster"

// beyond are the words for what somebody has who had something before.
func (h holding) beyond(was holding) []string {
	if slices.Contains(was.what, allOfIt) {
		return nil
	}
	fresh := slices.DeleteFunc(slices.Clone(h.what), func(one string) bool { return slices.Contains(was.what, one) })
	for _, p := range h.policies {
		if !slices.ContainsFunc(was.policies, func(b infra.AccessPolicy) bool { return b == p || b.Covers(p) }) {
			fresh = append(fresh, p.String())
		}
	}
	return fresh
}

func (h holding) words() []string {
	all := slices.Clone(h.what)
	for _, p := range h.policies {
		all = append(all, p.String())
	}
	return all
}

// giftsOf are the identities that an object gives away.
func giftsOf(o *manifest.Object) []gift {
	var all []gift
	for _, w := range infra.WorkloadIdentities(o) {
		to := "ServiceAccount " + strings.TrimPrefix(w.Namespace+"/"+w.Account, "/")
		all = append(all, gift{holding{what: []string{w.Identity}}, to, w.At, false, false})
	}
	for _, m := range infra.Mappings(o) {
		sure := m.Admin.Exists() && !m.Admin.Undecided()
		g := gift{holding{append([]string{"of a principal of the cluster"}, m.Groups...), m.Policies}, m.ARN, firstUnknown(m.At, m.Unclear), sure, m.User}
		if sure && m.By == "" {
			g.what = append(g.what, allOfIt)
		}
		if m.Unclear.Exists() {
			g.what = append(g.what, "that nobody knows")
		}
		all = append(all, g)
	}
	return all
}

// givenTo is what each has, by whom it is given to.
func givenTo(objects []*manifest.Object) map[string]holding {
	all := map[string]holding{}
	for _, o := range objects {
		for _, g := range giftsOf(o) {
			has := all[g.to]
			all[g.to] = holding{append(has.what, g.what...), append(has.policies, g.policies...)}
		}
	}
	return all
}

// renamedAccounts are base's names of service accounts, by head's.
func renamedAccounts(pairs []Pair) map[string]string {
	names := map[string]string{}
	for _, pair := range pairs {
		if pair.Base != nil && pair.Head != nil && pair.Head.GroupKind() == "ServiceAccount" {
			name := func(o *manifest.Object) string {
				return "ServiceAccount " + strings.TrimPrefix(o.Namespace+"/"+o.Name, "/")
			}
			names[name(pair.Head)] = name(pair.Base)
		}
	}
	return names
}
