package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apiserver/pkg/apis/audit"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var auditWeakened = &Check{
	ID:       "audit-weakened",
	Title:    "Less is recorded in the audit log than before",
	Severity: High,
	Topic:    AuditLogging,
	Since:    "0.2.0",
	Why:      "What is not recorded any more cannot be found out after an attack; turning the log down is how one begins.",
	Fix:      "Keep the level of what people do to secrets, pods and roles, how long it is kept and where it is sent; silence only what components do.",
	Source:   "MITRE ATT&CK T1562.008; CIS Kubernetes 3.2",
	Before: auditPolicyOf(`  - level: RequestResponse
    resources: [{group: rbac.authorization.k8s.io}]
  - level: Metadata
`) + "---\n" + auditedServer("--audit-log-maxage=365", "--audit-webhook-config-file=/etc/kubernetes/webhook.yaml # want"),
	Bad: auditPolicyOf(`  - level: None # want
    verbs: [impersonate, delete]
    resources: [{group: "", resources: [configmaps]}]
  - level: Metadata # want
`) + "---\n" + auditedServer("--audit-log-maxage=90 # want"),
	Good: auditPolicyOf(`  - level: None
    users: [system:kube-proxy]
  - level: RequestResponse
`) + "---\n" + auditedServer("--audit-log-maxage=365", "--audit-webhook-config-file=/etc/kubernetes/other.yaml"),
	NearMiss: auditPolicyOf(`  - level: RequestResponse
    resources: [{group: rbac.authorization.k8s.io}]
  - level: None
    userGroups: [system:nodes]
  - level: Metadata
`) + "---\n" + auditedServer("--audit-log-maxage=400", "--audit-webhook-config-file=/etc/kubernetes/webhook.yaml"),
	Compare: func(p *Pass) {
		for _, pair := range p.Pairs {
			if pair.Base == nil {
				continue
			}
			was, is := readAudit(pair.Base), readAudit(pair.Head)
			for i, policy := range was {
				if i < len(is) {
					p.auditLowered(policy, is[i])
				} else if others := p.freshAudit(); len(others) > 0 {
					for _, other := range others {
						p.auditLowered(policy, other)
					}
				} else if !holdsAudit(p.Objects) {
					p.Report(policy.At.Get("rules"), manifest.Subject{Class: "removed"}, "the audit policy of %s is removed, and nothing of this target has another", infra.Described(pair.Base))
				}
			}
			if pair.Head != nil {
				p.auditKept(pair)
			}
		}
	},
}

func auditPolicyOf(rules string) string {
	return "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n" + rules
}

func auditedServer(flags ...string) string {
	return started("kube-apiserver", append([]string{"--audit-log-path=/var/log/audit.log", "--audit-policy-file=/etc/kubernetes/policy.yaml"}, flags...)...)
}

// readAudit are the policies of an object that the API server would start with.
func readAudit(o *manifest.Object) []infra.AuditPolicy {
	if o == nil {
		return nil
	}
	return infra.AuditPolicies(o, func(manifest.Node, error) {})
}

func holdsAudit(objects []*manifest.Object) bool {
	return slices.ContainsFunc(objects, func(o *manifest.Object) bool { return len(readAudit(o)) > 0 })
}

// freshAudit are head's policies in objects that had none: what comes in the place
// of a policy that is gone.
func (p *Pass) freshAudit() []infra.AuditPolicy {
	var all []infra.AuditPolicy
	partners := partnersOf(p.Pairs)
	for _, o := range p.Objects {
		if len(readAudit(partners[o])) == 0 {
			all = append(all, readAudit(o)...)
		}
	}
	return all
}

// auditRanks orders levels by what they record.
var auditRanks = []audit.Level{audit.LevelNone, audit.LevelMetadata, audit.LevelRequest, audit.LevelRequestResponse}

// rank is how much a level records of what a log should hold: the content of
// secrets should not be in it, so that taking it out lowers nothing.
func (a auditProbe) rank(level audit.Level) int {
	rank := slices.Index(auditRanks, level)
	if a.holdsSecrets() {
		return min(rank, slices.Index(auditRanks, audit.LevelMetadata))
	}
	return rank
}

// auditLowered reports requests of which less is recorded, one finding a rule that
// decides so. A rule of which audit-policy-blind tells is left to it.
func (p *Pass) auditLowered(was, is infra.AuditPolicy) {
	lowered := map[string]bool{} // by place: a policy on one line has several rules there
	for _, probe := range slices.Concat(auditProbes, moreAuditProbes) {
		before, now := was.Ask(probe.request), is.Ask(probe.request)
		from, to := probe.rank(before.Level), probe.rank(now.Level)
		blind := now.Nothing() && !before.Nothing() && isAuditProbe(probe.name)
		if !blind && to >= from && (now.Ended || !before.Ended) {
			continue
		}
		at := now.By
		if level := at.Get("level"); level.Exists() {
			at = level
		}
		if blind || lowered[at.Path()] {
			lowered[at.Path()] = true
			continue
		}
		lowered[at.Path()] = true
		p.Report(at, manifest.Subject{Class: probe.name + ":" + string(now.Level)}, "the audit policy of %s records %s when somebody %s, where it recorded %s", infra.Described(at.Object()), now.Level, probe.does, before.Level)
	}
}

func isAuditProbe(name string) bool {
	for _, probe := range auditProbes {
		if probe.name == name {
			return true
		}
	}
	return false
}

// moreAuditProbes are what a log is read for beside what it has to show.
var moreAuditProbes = []auditProbe{
	{"write-configmap", "changes a config map", person(infra.Request{Verb: "update", Resource: "configmaps"})},
	{"delete-configmap", "deletes a config map", person(infra.Request{Verb: "delete", Resource: "configmaps"})},
	{"write-secret", "changes a secret", person(infra.Request{Verb: "update", Resource: "secrets"})},
	{"list-secrets", "lists secrets", person(infra.Request{Verb: "list", Resource: "secrets"})},
	{"token", "has a token made", person(infra.Request{Verb: "create", Resource: "serviceaccounts", Sub: "token"})},
	{"deploy", "changes a deployment", person(infra.Request{Verb: "patch", Group: "apps", Resource: "deployments"})},
	{"delete-pod", "deletes a pod", person(infra.Request{Verb: "delete", Resource: "pods"})},
	{"portforward", "forwards a port of a pod", person(infra.Request{Verb: "create", Resource: "pods", Sub: "portforward"})},
	{"write-role", "changes a role", person(infra.Request{Verb: "update", Group: "rbac.authorization.k8s.io", Resource: "roles"})},
	{"network-policy", "deletes a network policy", person(infra.Request{Verb: "delete", Group: "networking.k8s.io", Resource: "networkpolicies"})},
	{"webhook", "changes an admission webhook", person(infra.Request{Verb: "update", Group: "admissionregistration.k8s.io", Resource: "validatingwebhookconfigurations"})},
	{"csr", "approves a certificate", person(infra.Request{Verb: "update", Group: "certificates.k8s.io", Resource: "certificatesigningrequests", Sub: "approval"})},
	{"node-proxy", "reaches a node through the API server", person(infra.Request{Verb: "get", Resource: "nodes", Sub: "proxy"})},
}

// auditKept reports what is kept for less long, or sent nowhere any more. What
// the checks of a single tree find too short is left to them.
func (p *Pass) auditKept(pair Pair) {
	was, is := apiServers(pair.Base), apiServers(pair.Head)
	for i, server := range was[:min(len(was), len(is))] {
		for flag, least := range map[string]int{"audit-log-maxage": 30, "audit-log-maxbackup": 10, "audit-log-maxsize": 100} {
			before, err := strconv.Atoi(server.Value(flag))
			now, err2 := strconv.Atoi(is[i].Value(flag))
			if err == nil && err2 == nil && now < before && now >= least {
				p.Report(is[i].Place(flag), manifest.Subject{Class: flag}, "the API server of %s keeps less of its audit log: %s is %d and was %d", is[i].Of, flag, now, before)
			}
		}
		if flag := "audit-webhook-config-file"; server.Given(flag) && is[i].Lacks(flag) {
			p.Report(server.Place(flag), manifest.Subject{Class: flag}, "the API server of %s sends its audit log nowhere any more: %s is gone", server.Of, flag)
		}
	}
	if at, before := pair.Head.Root.Get("retention_in_days"), pair.Base.Root.Get("retention_in_days"); pair.Head.GroupKind() == "aws_cloudwatch_log_group" && isClusterLog(pair.Base) {
		now, known := at.Int()
		from, wasKnown := before.Int()
		if known && now > 0 && (wasKnown && (from == 0 || now < from) || !before.Exists()) || at.Unknown() && !before.Unknown() {
			p.Report(at, manifest.Subject{Class: "retention"}, "the log group %q keeps the cluster's log for %s days, which was %s", pair.Head.Name, cmp.Or(at.Text(), "nobody knows how many"), orForEver(before))
		}
	}
}

// apiServers are the API servers that an object configures, in their order.
func apiServers(o *manifest.Object) []infra.Program {
	return slices.DeleteFunc(slices.Clone(infra.Programs(o)), func(p infra.Program) bool { return p.Name != infra.APIServer })
}

// isClusterLog says that a log group is that of a control plane of EKS.
func isClusterLog(o *manifest.Object) bool {
	return strings.HasPrefix(o.Root.Get("name").Partly(), "/aws/eks/")
}

func orForEver(at manifest.Node) string {
	if days, ok := at.Int(); ok && days > 0 {
		return at.Text()
	}
	return "for ever"
}
