package checks

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/reach"
	"github.com/rendergate/rendergate/render/manifest"
)

// isolates is a Mend that adds a policy for the pod: who is in the namespace may
// reach it, and nobody else. It says nothing where that would surely cut off
// somebody: what the target lets in from elsewhere needs a rule that only its
// author can write. Where the pod is one of several that no policy selects, a
// policy for it alone would leave out the others; then one for the whole
// namespace is right, if the namespace is the target's own.
func isolates(f Finding, all []*manifest.Object) []manifest.Edit {
	o := f.Node.Object()
	pod, ok := o.Pod()
	if !ok || slices.ContainsFunc(all, entrance) || o.GenerateName != "" && o.Name == "" {
		return nil
	}
	name, selector := o.Name, lasting(o, pod)
	open := openIn(o.Namespace, all)
	switch owned := slices.ContainsFunc(all, func(n *manifest.Object) bool { return n.GroupKind() == "Namespace" && n.Name == o.Namespace }); {
	case len(open) == 1:
		if len(selector) == 0 {
			return nil
		}
	case !owned || open[0] != o:
		return nil
	default:
		name, selector = "same-namespace", nil
	}
	text, err := policyText(policyName(name, all), o.Root.Get("metadata", "namespace").Text(), selector)
	if err != nil {
		return nil
	}
	return []manifest.Edit{manifest.Beside(o, text)}
}

// policyName is free among the target's policies.
func policyName(name string, all []*manifest.Object) string {
	for slices.ContainsFunc(all, func(o *manifest.Object) bool { return isNetworkPolicy(o) && o.Name == name }) {
		name += "-ingress"
	}
	return name
}

func policyText(name, namespace string, selector labels.Set) (string, error) {
	type meta struct {
		Name      string `yaml:"name"`
		Namespace string `yaml:"namespace,omitempty"`
	}
	type pods struct {
		MatchLabels map[string]string `yaml:"matchLabels,omitempty"`
	}
	type peer struct {
		PodSelector pods `yaml:"podSelector"`
	}
	type rule struct {
		From []peer `yaml:"from"`
	}
	type spec struct {
		PodSelector pods     `yaml:"podSelector"`
		PolicyTypes []string `yaml:"policyTypes"`
		Ingress     []rule   `yaml:"ingress"`
	}
	var b strings.Builder
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	err := encoder.Encode(struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string `yaml:"kind"`
		Metadata   meta   `yaml:"metadata"`
		Spec       spec   `yaml:"spec"`
	}{"networking.k8s.io/v1", "NetworkPolicy", meta{name, namespace}, spec{pods{selector}, []string{"Ingress"}, []rule{{[]peer{{}}}}}})
	return b.String(), err
}

// lasting are the labels by which the workload itself finds its pods, else
// those that do not change with a release.
func lasting(o *manifest.Object, pod manifest.Pod) labels.Set {
	all := reach.Labels(pod.Metadata().Get("labels"))
	if own := reach.Labels(o.Root.Get("spec", "selector", "matchLabels")); len(own) > 0 {
		return own
	}
	for _, name := range []string{"helm.sh/chart", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "version", "chart", "heritage"} {
		delete(all, name)
	}
	return all
}

// openIn are the workloads of a namespace whose pods no policy selects.
func openIn(namespace string, all []*manifest.Object) []*manifest.Object {
	known := reach.IsolationOf(all)
	var open []*manifest.Object
	known.Each(all, func(o *manifest.Object, _ manifest.Pod, f *reach.Pod) {
		if selected, _ := known.Says(f, reach.Ingress); o.Namespace == namespace && !selected {
			open = append(open, o)
		}
	})
	return open
}

// entrance says that an object lets others in than the pods of the namespace:
// users, the API server, or a program that watches.
func entrance(o *manifest.Object) bool {
	spec := o.Root.Get("spec")
	switch kind := o.Kind; {
	case o.GroupKind() == "Service":
		return spec.Get("type").Text() == "LoadBalancer" || spec.Get("type").Text() == "NodePort" || spec.Get("externalIPs").Len() > 0
	case strings.HasSuffix(kind, "Ingress"), strings.HasSuffix(kind, "Route"), strings.HasPrefix(kind, "IngressRoute"), strings.HasSuffix(kind, "WebhookConfiguration"),
		strings.HasSuffix(kind, "Monitor"), kind == "VirtualService", kind == "Gateway", kind == "APIService", kind == "Probe", kind == "Mapping", kind == "HTTPProxy":
		return true
	case kind == "CustomResourceDefinition":
		return spec.Get("conversion", "webhook").Set()
	}
	for pod := range o.Pods() {
		if pod.Metadata().Get("annotations", "prometheus.io/scrape").Text() == "true" {
			return true
		}
	}
	return false
}
