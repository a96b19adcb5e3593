package reach

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// entrance is a way from outside of the cluster to a pod.
type entrance struct {
	object  *manifest.Object
	to      *Pod
	ports   Answer
	through bool // a program of the cluster passes it on: an ingress controller, a gateway
}

// service is a Service with the pods behind it.
type service struct {
	at   *manifest.Object
	pods []*Pod
}

// entrancesOf are the ways in that Services make, and what leads to Services from
// outside of the cluster.
func entrancesOf(objects []*manifest.Object, pods []*Pod, g gateways) []entrance {
	services := map[string]service{}
	var all []entrance
	for _, o := range objects {
		if o.GroupKind() != "Service" {
			continue
		}
		s := service{at: o}
		if selector := o.Root.Get("spec", "selector"); selector.Len() > 0 {
			own := labels.SelectorFromSet(Labels(selector))
			for _, p := range pods {
				if sameNamespace(p.Namespace, o.Namespace) && p.has(own) == Yes {
					s.pods = append(s.pods, p)
				}
			}
		}
		services[inFull(o.Namespace, o.Name)] = s
		if outward(o) {
			all = append(all, s.ways(o, manifest.Node{}, false)...)
		}
	}
	for _, o := range objects {
		for _, b := range g.backendsOf(o) {
			if s, known := services[inFull(b.namespace, b.service)]; known {
				for _, way := range s.ways(o, b.port, true) {
					way.ports = way.ports.doubted(b.match)
					all = append(all, way)
				}
			}
		}
	}
	return all
}

// inFull is a name with its namespace.
func inFull(namespace, name string) string { return cmp.Or(namespace, "default") + "/" + name }

// outward says that a Service is reached from outside of the cluster.
func outward(o *manifest.Object) bool {
	spec := o.Root.Get("spec")
	kind := spec.Get("type").Text()
	return kind == "LoadBalancer" || kind == "NodePort" || spec.Get("externalIPs").Len() > 0
}

// ways lead through an object to the pods of a Service, on one of its ports, or
// on all.
func (s service) ways(through *manifest.Object, port manifest.Node, passed bool) []entrance {
	var all []entrance
	for _, pod := range s.pods {
		way := entrance{object: through, to: pod, through: passed}
		for item := range s.at.Root.Get("spec", "ports").Items() {
			target := item.Get("targetPort")
			if port.Set() && port.Text() != item.Get("port").Text() && port.Text() != item.Get("name").Text() &&
				(through.Kind != "Route" || port.Text() != target.Text()) {
				continue
			}
			if !target.Set() {
				target = item.Get("port")
			}
			protocol := item.Get("protocol").Text()
			if n, ok := target.Int(); ok {
				way.ports = way.ports.or(sure(portsOf(protocol, int(n), int(n))))
			} else {
				way.ports = way.ports.or(pod.named(target.Text(), protocol))
			}
		}
		if !way.ports.May.Empty() {
			all = append(all, way)
		}
	}
	return all
}

// stranger is a pod of which nobody sees anything: an ingress controller.
func stranger() *Pod { return &Pod{Labels: labels.Set{}, more: true, unsaid: true, open: true} }

// admits is what comes in by the entrance: what it leads to, as far as the pod's
// policies let it through.
func (c *Cluster) admits(e entrance) Answer {
	if e.through {
		return e.ports.and(c.side(e.to, Ingress, Peer{Pod: stranger()}, e.to))
	}
	var lets Answer
	for _, r := range c.Ranges(e.to, Ingress) {
		lets = lets.or(c.side(e.to, Ingress, Peer{Range: r}, e.to))
	}
	// A node may pass it on under its own address.
	lets.May = AnyPort()
	return e.ports.and(lets)
}

// Outside is what comes from outside of the cluster to a pod, and through which
// objects.
func (c *Cluster) Outside(pod *Pod) (Answer, []*manifest.Object) {
	var all Answer
	var by []*manifest.Object
	for _, e := range c.entrances {
		if e.to != pod {
			continue
		}
		lets := c.admits(e)
		all = all.or(lets)
		if !lets.May.Empty() && !slices.Contains(by, e.object) {
			by = append(by, e.object)
		}
	}
	return all, by
}
