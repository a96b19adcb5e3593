package checks

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

var saTokenAutomount = &Check{
	ID:       "sa-token-automount",
	Title:    "Pod mounts its service account's token",
	Severity: Low,
	Topic:    Hygiene,
	Since:    "0.1.0",
	Why:      "Whoever breaks into the pod can use the token against the API server, although most programs never do.",
	Fix:      "Set `automountServiceAccountToken: false` for the pod or its service account.",
	Source:   "CIS Kubernetes 5.1.6",
	Aliases:  []string{"CKV_K8S_38", "KSV-0036", "C-0190", "C-0034"},
	Mend:     withoutToken,
	Trial:    true,
	Bad: podSpec(`serviceAccountName: web # want
` + plainContainer),
	Good: podSpec("automountServiceAccountToken: false\n" + plainContainer),
	NearMiss: podSpec("serviceAccountName: web\n"+plainContainer) + `---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
automountServiceAccountToken: false
`,
	RunTarget: func(p *Pass) {
		off := tokensOff(p.Objects)
		for _, o := range p.Objects {
			for pod := range o.Pods() {
				at := pod.Spec().Get("automountServiceAccountToken")
				if !pod.Known(at) || !mountsToken(o, pod, off) {
					continue
				}
				p.Report(firstUnknown(at, accountAt(pod), o.Root.Get("metadata", "namespace")), pod.Subject(), "pods mount the token of service account %q: %s", serviceAccount(pod), stated(at, "false"))
			}
		}
	},
}

// withoutToken takes the token away, but not from an account that the target gives
// rights: whoever has some needs it.
func withoutToken(f Finding, all []*manifest.Object) []manifest.Edit {
	for pod := range f.Node.Object().Pods() {
		if pod.Subject() == f.Subject && !hasRights(account{f.Node.Object().Namespace, serviceAccount(pod)}, all) {
			return sets("false")(f, all)
		}
	}
	return nil
}

// hasRights says that a binding among some objects names an account.
func hasRights(a account, all []*manifest.Object) bool {
	for _, o := range all {
		if !strings.HasSuffix(o.Kind, "RoleBinding") {
			continue
		}
		for s := range o.Root.Get("subjects").Items() {
			if in := s.Get("namespace").Text(); s.Get("kind").Text() == "ServiceAccount" && s.Get("name").Text() == a[1] && (in == "" || a[0] == "" || in == a[0]) {
				return true
			}
		}
	}
	return false
}

// account is a service account of a target, by namespace and name.
type account [2]string

// anyAccount stands for one of which nobody knows the name: it may be that of
// any pod.
var anyAccount = account{"*", "*"}

// tokensOff are the accounts of a target that give their token to no pod that
// does not ask for it.
func tokensOff(objects []*manifest.Object) map[account]bool {
	off := map[account]bool{}
	for _, o := range objects {
		if at := o.Root.Get("automountServiceAccountToken"); o.GroupKind() == "ServiceAccount" && (at.IsFalse() || at.Unknown()) {
			off[account{o.Namespace, o.Name}] = true
			if meta := o.Root.Get("metadata"); meta.Get("name").Unknown() || meta.Get("namespace").Unknown() {
				off[anyAccount] = true
			}
		}
	}
	return off
}

// mountsToken says that a pod gets its account's token: the pod's word goes
// over the account's.
func mountsToken(o *manifest.Object, pod manifest.Pod, off map[account]bool) bool {
	at := pod.Spec().Get("automountServiceAccountToken")
	return at.IsTrue() || at.Unknown() || !at.Set() && !off[account{o.Namespace, serviceAccount(pod)}] && !off[anyAccount]
}

// serviceAccount is the name of the account that a pod runs as.
func serviceAccount(pod manifest.Pod) string {
	if name := accountAt(pod).Text(); name != "" {
		return name
	}
	return "default"
}

// accountAt is where a pod names its account, or could.
func accountAt(pod manifest.Pod) manifest.Node {
	if old := pod.Spec().Get("serviceAccount"); old.Text() != "" && !pod.Spec().Get("serviceAccountName").Set() {
		return old
	}
	return pod.Spec().Get("serviceAccountName")
}
