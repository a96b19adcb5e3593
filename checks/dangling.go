package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

// neighbours are the pods that selectors are held against, by namespace.
type neighbours struct {
	pods map[string][]*reach.Pod
	// hidden are the namespaces in which an operator may make pods of its own.
	hidden map[string]bool
}

// neighboursOf collects the pods of some objects, those on the node's network
// too: they may be meant although no policy reaches them.
func neighboursOf(objects []*manifest.Object) neighbours {
	known := reach.IsolationOf(objects)
	n := neighbours{pods: map[string][]*reach.Pod{}, hidden: map[string]bool{}}
	for _, o := range objects {
		workload := false
		for pod := range o.Pods() {
			workload = true
			n.pods[o.Namespace] = append(n.pods[o.Namespace], known.Pod(o, pod))
			if !pod.Whole() {
				n.hidden[o.Namespace], n.hidden[""] = true, true
			}
		}
		if !workload && makesPods(o) {
			n.hidden[o.Namespace], n.hidden[""] = true, true
		}
	}
	return n
}

// sees says that the pods of a namespace are all there to be seen.
func (n neighbours) sees(namespace string) bool {
	return len(n.pods[namespace]) > 0 && !n.hidden[namespace] && !n.hidden[""]
}

// selected says that a selector selects a pod of a namespace.
func (n neighbours) selected(namespace string, by func(*reach.Pod) reach.Match) bool {
	return slices.ContainsFunc(n.pods[namespace], func(p *reach.Pod) bool { return by(p) != reach.No })
}

// makesPods says that a custom resource may be one that an operator turns into
// pods, with labels that nobody sees.
func makesPods(o *manifest.Object) bool {
	group := o.Group()
	if group == "" || manifest.Namespaced(o.Ref) || manifest.ClusterScoped(o.Ref) || quietGroups[group] {
		return false
	}
	return !slices.ContainsFunc(quietKinds, func(suffix string) bool { return strings.HasSuffix(o.Kind, suffix) })
}

// quietGroups and quietKinds are the custom resources of which no pods come.
var (
	quietGroups = map[string]bool{
		"cert-manager.io": true, "external-secrets.io": true, "bitnami.com": true, "cilium.io": true, "projectcalico.org": true,
		"crd.projectcalico.org": true, "networking.istio.io": true, "security.istio.io": true, "gateway.networking.k8s.io": true,
		"traefik.io": true, "traefik.containo.us": true, "route.openshift.io": true, "policy.networking.k8s.io": true, "kyverno.io": true,
		"constraints.gatekeeper.sh": true, "secrets-store.csi.x-k8s.io": true, "cloud.google.com": true, "networking.gke.io": true,
		"config.openshift.io": true, "security.openshift.io": true, "snapshot.storage.k8s.io": true, "kustomize.config.k8s.io": true,
	}
	quietKinds = []string{"Monitor", "Rule", "ScaledObject", "TriggerAuthentication", "VerticalPodAutoscaler", "AlertmanagerConfig", "ScrapeConfig", "Probe", "Dashboard", "Chart"}
)

// reportDangling reports a selector that selects no pod among those that one
// sees.
func (n neighbours) reportDangling(p *Pass, o *manifest.Object, at manifest.Node, what string) {
	s, ok := reach.Selector(at)
	if !ok || s.Empty() || !n.sees(o.Namespace) || n.selected(o.Namespace, reach.PodsOf(at)) {
		return
	}
	p.Report(at, manifest.Subject{Class: what + " " + s.String()}, "%s %s of %s %q selects none of the %d workloads that are deployed with it; the labels of one of them are expected",
		what, s.String(), o.Kind, o.Name, len(n.pods[o.Namespace]))
}
