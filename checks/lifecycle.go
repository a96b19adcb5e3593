package checks

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/rendergate/rendergate/render/manifest"
)

// lifecycle is from when on an API is deprecated and gone, as minor versions of
// Kubernetes 1; 0 where nobody announced it.
type lifecycle struct {
	deprecated, removed uint
	instead             string // the apiVersion and kind to use; empty for none
}

// newest is the Kubernetes that objects are judged for unless the target says
// another: that of the client libraries of this build.
const newest = "1.37"

// minorOf is the minor version of a Kubernetes.
func minorOf(text string) uint {
	v, err := version.ParseGeneric(text)
	if err != nil {
		v = version.MustParseGeneric(newest)
	}
	return v.Minor()
}

// lifecycleOf is what the client libraries know of an API, and what they no
// longer know.
func lifecycleOf(r manifest.Ref) lifecycle {
	if l, ok := forgotten[r.APIVersion+"/"+r.Kind]; ok {
		return l
	}
	o, err := scheme.Scheme.New(schema.FromAPIVersionAndKind(r.APIVersion, r.Kind))
	if err != nil {
		return lifecycle{}
	}
	var l lifecycle
	if d, ok := o.(interface{ APILifecycleDeprecated() (int, int) }); ok {
		_, minor := d.APILifecycleDeprecated()
		l.deprecated = uint(max(0, minor))
	}
	if d, ok := o.(interface{ APILifecycleRemoved() (int, int) }); ok {
		_, minor := d.APILifecycleRemoved()
		l.removed = uint(max(0, minor))
	}
	if d, ok := o.(interface {
		APILifecycleReplacement() schema.GroupVersionKind
	}); ok {
		gvk := d.APILifecycleReplacement()
		l.instead = gvk.GroupVersion().String() + " " + gvk.Kind
	}
	stable := schema.GroupVersionKind{Group: r.Group(), Version: "v1", Kind: r.Kind}
	if l.instead == "" && l.deprecated > 0 && scheme.Scheme.Recognizes(stable) && stable.GroupVersion().String() != r.APIVersion {
		l.instead = stable.GroupVersion().String() + " " + r.Kind
	}
	return l
}

// forgotten are the APIs that the client libraries have dropped.
var forgotten = map[string]lifecycle{
	"autoscaling/v2beta1/HorizontalPodAutoscaler":                      {22, 25, "autoscaling/v2 HorizontalPodAutoscaler"},
	"autoscaling/v2beta2/HorizontalPodAutoscaler":                      {23, 26, "autoscaling/v2 HorizontalPodAutoscaler"},
	"policy/v1beta1/PodSecurityPolicy":                                 {21, 25, ""},
	"extensions/v1beta1/PodSecurityPolicy":                             {11, 16, ""},
	"batch/v2alpha1/CronJob":                                           {20, 21, "batch/v1 CronJob"},
	"apiextensions.k8s.io/v1beta1/CustomResourceDefinition":            {16, 22, "apiextensions.k8s.io/v1 CustomResourceDefinition"},
	"apiregistration.k8s.io/v1beta1/APIService":                        {19, 22, "apiregistration.k8s.io/v1 APIService"},
	"settings.k8s.io/v1alpha1/PodPreset":                               {19, 20, ""},
	"auditregistration.k8s.io/v1alpha1/AuditSink":                      {18, 19, ""},
	"scheduling.k8s.io/v1alpha1/PriorityClass":                         {14, 22, "scheduling.k8s.io/v1 PriorityClass"},
	"flowcontrol.apiserver.k8s.io/v1alpha1/FlowSchema":                 {20, 23, "flowcontrol.apiserver.k8s.io/v1 FlowSchema"},
	"storage.k8s.io/v1alpha1/CSIStorageCapacity":                       {21, 24, "storage.k8s.io/v1 CSIStorageCapacity"},
	"node.k8s.io/v1alpha1/RuntimeClass":                                {20, 25, "node.k8s.io/v1 RuntimeClass"},
	"flowcontrol.apiserver.k8s.io/v1alpha1/PriorityLevelConfiguration": {20, 23, "flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration"},
}

// gone says that the client libraries knew the kind once.
func gone(r manifest.Ref) bool {
	_, ok := forgotten[r.APIVersion+"/"+r.Kind]
	return ok
}

// renewed is a Mend that takes the API that replaces a deprecated one, where
// the object already fits it.
func renewed(f Finding, _ []*manifest.Object) []manifest.Edit {
	o := f.Node.Object()
	apiVersion, kind, found := cutLast(lifecycleOf(o.Ref).instead, " ")
	to := manifest.Ref{APIVersion: apiVersion, Kind: kind}
	// These want fields that the older version fills in, or mean something else by
	// an empty one.
	stricter := slices.Contains([]string{"admissionregistration.k8s.io", "certificates.k8s.io", "apiextensions.k8s.io"}, to.Group()) ||
		to.Group() == "apps" && !o.Root.Get("spec", "selector").Set() ||
		kind == "PodDisruptionBudget" && o.Root.Get("spec", "selector").Len() == 0
	t := builtIn(to)
	if !found || kind != o.Kind || stricter || t == nil {
		return nil
	}
	var fits fitter
	if fits.fit(o.Root, t); len(fits.found) > 0 {
		return nil
	}
	return []manifest.Edit{manifest.SetTo(f.Node, apiVersion)}
}
