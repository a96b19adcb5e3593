package manifest

import (
	"iter"
	"path"
	"slices"
	"strings"
)

// Subject is what a finding is about within its object: a container, or empty
// for the object or its pod as a whole, and the unsafe value class that the
// check declares (a host path, a capability, a verb). It is identity, so it
// never holds an index, a line or a random value.
type Subject struct {
	// Container is such as containers[app], after the pod where a workload has
	// several; the pod alone, or empty for the whole object.
	Container string
	Class     string
}

// Of narrows a subject to a value class.
func (s Subject) Of(class string) Subject {
	s.Class = class
	return s
}

// String is the subject as reports print it.
func (s Subject) String() string {
	return strings.TrimSpace(s.Container + " " + s.Class)
}

// Pod is one pod that a workload makes. Node is the place where the workload
// describes it: metadata and spec, or the fields of a spec.
type Pod struct {
	Node
	name  string // what tells it from the workload's others; empty where the kind has one
	meta  Node
	spec  Spec
	lists []containers
	whole bool // nothing outside of the object fills in fields of the spec
}

// containers is a list of containers, or a single one that goes by a name.
type containers struct {
	list      ContainerList
	at        Node
	single    string
	defaults  Node                   // what the list's containers have unless they say otherwise
	completed func(name string) bool // whether an operator fills in what a container leaves out; nil: none
}

// Spec is a PodSpec, which some kinds write in parts: what a part has outweighs
// what those after it have.
type Spec struct{ parts []Node }

// Get is the field of the first part that has it, and where none has, the
// place in the first part where it could stand.
func (s Spec) Get(keys ...string) Node {
	for _, part := range s.parts {
		if part.Get(keys[0]).Set() {
			return part.Get(keys...)
		}
	}
	if len(s.parts) == 0 {
		return Node{}
	}
	return s.parts[0].Get(keys...)
}

// Items are the items of a list in all parts.
func (s Spec) Items(field string) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for _, part := range s.parts {
			for item := range part.Get(field).Items() {
				if !yield(item) {
					return
				}
			}
		}
	}
}

// Name tells the pod from the others of its workload, such as
// workerGroupSpecs[small]; empty where the kind has one pod.
func (p Pod) Name() string { return p.name }

// Subject names the pod for a finding.
func (p Pod) Subject() Subject { return Subject{Container: p.name} }

// Spec is the PodSpec.
func (p Pod) Spec() Spec { return p.spec }

// Metadata holds the pod's labels and annotations. Operators may add to them.
func (p Pod) Metadata() Node { return p.meta }

// Known says that a field of the spec is what will be deployed: it is set, or
// nothing outside of the object sets it.
func (p Pod) Known(at Node) bool { return p.whole || at.Set() }

// Whole says that nothing outside of the object fills in fields of the spec.
func (p Pod) Whole() bool { return p.whole }

// Pods are all pods of a workload; none for other kinds.
func (o *Object) Pods() iter.Seq[Pod] {
	return func(yield func(Pod) bool) {
		l := o.layout()
		if l == nil {
			return
		}
		for _, place := range l.places {
			for at, name := range place.in(o.Root) {
				for pod := range l.form.read(at) {
					if l.open {
						pod = pod.opened()
					}
					pod.name = strings.Trim(name+"/"+pod.name, "/")
					if !yield(pod) {
						return
					}
				}
			}
		}
	}
}

// opened is the pod where an operator may fill in what it leaves out.
func (p Pod) opened() Pod {
	p.whole = false
	p.lists = slices.Clone(p.lists)
	for i := range p.lists {
		p.lists[i].completed = func(string) bool { return true }
	}
	return p
}

// Pod returns the pod of a workload of a kind that has exactly one, and whose
// metadata is the pod's own; false for any other kind.
func (o *Object) Pod() (Pod, bool) {
	if l := o.layout(); l == nil || l.form != formTemplate || l.open || len(l.places) != 1 || l.places[0].many() {
		return Pod{}, false
	}
	for pod := range o.Pods() {
		return pod, true
	}
	return Pod{}, false
}

// LongRunning says that the workload's pods are meant to stay up and that what
// the object says of probes is all, so that they make sense. A pod that is not
// started again once it ends, such as a chart's test, is not.
func (o *Object) LongRunning() bool {
	l := o.layout()
	if l == nil || !l.stays {
		return false
	}
	for pod := range o.Pods() {
		if again := pod.Spec().Get("restartPolicy").Text(); again == "Never" || again == "OnFailure" {
			return false
		}
	}
	return true
}

// ContainerList names the list of a PodSpec that a container stands in.
type ContainerList string

// The container lists of a PodSpec, and those of kinds that write pods in
// their own way.
const (
	Containers          ContainerList = "containers"
	InitContainers      ContainerList = "initContainers"
	EphemeralContainers ContainerList = "ephemeralContainers"
	Sidecars            ContainerList = "sidecars"
	Steps               ContainerList = "steps"
)

// Container is one container of a pod.
type Container struct {
	Node
	List     ContainerList
	Pod      Pod
	single   string
	defaults Node
	whole    bool
}

// Get follows keys as Node.Get does; what the container leaves out may stand
// in what its kind gives to all containers.
func (c Container) Get(keys ...string) Node {
	own := c.Node.Get(keys...)
	if !own.Set() {
		if given := c.defaults.Get(keys...); given.Set() {
			return given
		}
	}
	return own
}

// Name is the container's name, empty when it has none.
func (c Container) Name() string {
	if name := c.Node.Get("name").Text(); name != "" {
		return name
	}
	return c.single
}

// Subject names the container for a finding, by pod, list and name; a
// container without a name goes by the program that it runs.
func (c Container) Subject() Subject {
	name := c.Name()
	if name == "" {
		image, _, _ := strings.Cut(c.Get("image").Text(), "@")
		name, _, _ = strings.Cut(path.Base(image), ":")
	}
	own := string(c.List) + "[" + name + "]"
	if c.Pod.name != "" {
		own = c.Pod.name + "/" + own
	}
	return Subject{Container: own}
}

// Known says that a field of the container is what will be deployed: it is
// set, or no operator fills it in.
func (c Container) Known(at Node) bool { return c.whole || at.Set() }

// KnownEffective is Known of a field that the pod may set for its containers.
func (c Container) KnownEffective(at Node) bool { return c.whole && c.Pod.whole || at.Set() }

// Sidecar says that an init container restarts always, so that it runs beside
// the main containers.
func (c Container) Sidecar() bool {
	return c.List == InitContainers && c.Get("restartPolicy").Text() == "Always"
}

// Effective is a security context field as the kubelet applies it: the
// container's own value, else the pod's.
func (c Container) Effective(field string) Node {
	own := c.Get("securityContext", field)
	if own.Set() {
		return own
	}
	if pod := c.Pod.Spec().Get("securityContext", field); pod.Set() {
		return pod
	}
	return own
}

// Containers are all containers of the pod, init and ephemeral ones first and
// last.
func (p Pod) Containers() iter.Seq[Container] {
	return func(yield func(Container) bool) {
		for _, l := range p.lists {
			if l.at.IsMap() && l.single != "" {
				if !yield(l.container(p, l.at)) {
					return
				}
				continue
			}
			for item := range l.at.Items() {
				if item.IsMap() && !yield(l.container(p, item)) {
					return
				}
			}
		}
	}
}

func (l containers) container(p Pod, at Node) Container {
	c := Container{Node: at, List: l.list, Pod: p, single: l.single, defaults: l.defaults, whole: true}
	if l.completed != nil {
		c.whole = !l.completed(c.Name())
	}
	return c
}

// Containers are all containers of the workload's pods: init and ephemeral
// ones as well as the main ones. None for other kinds.
func (o *Object) Containers() iter.Seq[Container] {
	return func(yield func(Container) bool) {
		for pod := range o.Pods() {
			for c := range pod.Containers() {
				if !yield(c) {
					return
				}
			}
		}
	}
}
