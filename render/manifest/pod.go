package manifest

import (
	"iter"
	"strings"
)

// Subject is what a finding is about within its object: a container, or empty
// for the object or its pod as a whole, and the unsafe value class that the
// check declares (a host path, a capability, a verb). It is identity, so it
// never holds an index, a line or a random value.
type Subject struct {
	Container string // such as containers[app]; empty for the whole object
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

// podPaths tells where a kind holds a PodTemplateSpec (metadata and spec).
// Keys are group/Kind, the versions being alike in this. The Pod itself is its
// own template.
var podPaths = map[string][]string{
	"Pod":                                {},
	"PodTemplate":                        {"template"},
	"ReplicationController":              {"spec", "template"},
	"apps/Deployment":                    {"spec", "template"},
	"apps/ReplicaSet":                    {"spec", "template"},
	"apps/StatefulSet":                   {"spec", "template"},
	"apps/DaemonSet":                     {"spec", "template"},
	"extensions/Deployment":              {"spec", "template"},
	"extensions/DaemonSet":               {"spec", "template"},
	"extensions/ReplicaSet":              {"spec", "template"},
	"batch/Job":                          {"spec", "template"},
	"batch/CronJob":                      {"spec", "jobTemplate", "spec", "template"},
	"apps.openshift.io/DeploymentConfig": {"spec", "template"},
	"argoproj.io/Rollout":                {"spec", "template"},
	"serving.knative.dev/Service":        {"spec", "template"},
	"serving.knative.dev/Configuration":  {"spec", "template"},
	"serving.knative.dev/Revision":       {},
	"keda.sh/ScaledJob":                  {"spec", "jobTargetRef", "template"},
	"apps.kruise.io/CloneSet":            {"spec", "template"},
	"apps.kruise.io/StatefulSet":         {"spec", "template"},
	"apps.kruise.io/DaemonSet":           {"spec", "template"},
}

// Pod is the pod template of a workload: Node holds its metadata and spec.
type Pod struct{ Node }

// Spec is the PodSpec.
func (p Pod) Spec() Node { return p.Get("spec") }

// Pod returns the pod template of a workload, false for any other kind.
func (o *Object) Pod() (Pod, bool) {
	path, known := podPaths[o.GroupKind()]
	if !known {
		return Pod{}, false
	}
	pod := Pod{o.Root.Get(path...)}
	return pod, pod.Spec().IsMap()
}

// LongRunning says that the workload's pods are meant to stay up, so that
// probes make sense.
func (o *Object) LongRunning() bool {
	switch o.GroupKind() {
	case "batch/Job", "batch/CronJob", "keda.sh/ScaledJob":
		return false
	}
	_, workload := podPaths[o.GroupKind()]
	return workload
}

// ContainerList names the list of a PodSpec that a container stands in.
type ContainerList string

// The container lists of a PodSpec.
const (
	Containers          ContainerList = "containers"
	InitContainers      ContainerList = "initContainers"
	EphemeralContainers ContainerList = "ephemeralContainers"
)

// Container is one container of a pod.
type Container struct {
	Node
	List ContainerList
	Pod  Pod
}

// Name is the container's name, empty when it has none.
func (c Container) Name() string { return c.Get("name").Text() }

// Subject names the container for a finding, by list and name.
func (c Container) Subject() Subject {
	name := c.Name()
	if name == "" && c.at != nil {
		name = c.at.key
	}
	return Subject{Container: string(c.List) + "[" + name + "]"}
}

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

// Containers are all containers of the workload's pod template: init and
// ephemeral ones as well as the main ones. None for other kinds.
func (o *Object) Containers() iter.Seq[Container] {
	return func(yield func(Container) bool) {
		pod, ok := o.Pod()
		if !ok {
			return
		}
		for _, list := range []ContainerList{InitContainers, Containers, EphemeralContainers} {
			for item := range pod.Spec().Get(string(list)).Items() {
				if item.IsMap() && !yield(Container{Node: item, List: list, Pod: pod}) {
					return
				}
			}
		}
	}
}
