package manifest

import (
	"iter"
	"slices"
	"strings"
)

// read gives the pods that a place describes.
func (f form) read(at Node) iter.Seq[Pod] {
	return func(yield func(Pod) bool) {
		switch f {
		case formTemplate:
			if spec := at.Get("spec"); spec.IsMap() {
				yield(podOf(at, at.Get("metadata"), spec))
			}
		case formAny:
			next := formSpec
			if at.Get("spec").IsMap() {
				next = formTemplate
			}
			next.read(at)(yield)
		case formSpec, formInjected:
			if at.IsMap() {
				pod := podOf(at, at.Get("metadata"), at)
				pod.whole = f == formSpec && at.Get("containers").Len() > 0
				yield(pod)
			}
		case formMerged:
			if at.IsMap() {
				yield(mergedPod(at))
			}
		case formArgo:
			argoPods(at, yield)
		case formTekton:
			if at.IsMap() {
				yield(taskPod(at, at, nil))
			}
		case formTektonRun, formPipeline, formPipeRun:
			tektonRuns(f, at, yield)
		case formStrimzi:
			if template := at.Get("template"); template.IsMap() {
				yield(strimziPod(at, template))
			}
		}
	}
}

// podOf is a pod whose spec is written as Kubernetes has it.
func podOf(at, meta, spec Node) Pod {
	pod := Pod{Node: at, meta: meta, spec: Spec{[]Node{spec}}, whole: true}
	for _, list := range []ContainerList{InitContainers, Containers, EphemeralContainers} {
		pod.lists = append(pod.lists, containers{list: list, at: spec.Get(string(list))})
	}
	return pod
}

// operated are the containers that operators make, and that specs only change.
var operated = []string{
	"prometheus", "config-reloader", "init-config-reloader", "thanos-sidecar", "alertmanager", "thanos-ruler",
}

// mergedPod is a spec whose containers an operator merges into its own.
func mergedPod(at Node) Pod {
	pod := podOf(at, at.Get("podMetadata"), at)
	for i := range pod.lists {
		pod.lists[i].completed = func(name string) bool { return slices.Contains(operated, name) }
	}
	return pod
}

// argoPods are the pods of an Argo workflow: one for each template that runs
// containers. A template outweighs the defaults of templates, and those the
// workflow. podSpecPatch is a text that workflows complete when they run, and
// left aside.
func argoPods(spec Node, yield func(Pod) bool) {
	meta, defaults := spec.Get("podMetadata"), spec.Get("templateDefaults")
	for template := range spec.Get("templates").Items() {
		pod := Pod{Node: template, name: "templates[" + template.Get("name").Text() + "]", meta: meta, whole: true}
		pod.spec.parts = []Node{template, defaults, spec}
		if own := template.Get("metadata"); own.Set() {
			pod.meta = own
		}
		for _, l := range []containers{
			{list: InitContainers, at: template.Get("initContainers")},
			{list: Containers, at: template.Get("container"), single: "main", defaults: defaults.Get("container")},
			{list: Containers, at: template.Get("script"), single: "main", defaults: defaults.Get("script")},
			{list: Containers, at: template.Get("containerSet", "containers")},
			{list: Sidecars, at: template.Get("sidecars")},
		} {
			if l.at.Len() > 0 {
				pod.lists = append(pod.lists, l)
			}
		}
		if len(pod.lists) > 0 && !yield(pod) {
			return
		}
	}
}

// taskPod is the pod of a Tekton task. What holds for the whole pod is the
// run's to say: without one it is not known.
func taskPod(at, task Node, run *tektonRun) Pod {
	pod := Pod{Node: at, meta: at.Get("metadata"), spec: Spec{[]Node{task}}, whole: run != nil}
	if pod.whole {
		pod.spec.parts = append([]Node{run.pod, task}, run.others...)
	}
	pod.lists = []containers{
		{list: Steps, at: task.Get("steps"), defaults: task.Get("stepTemplate")},
		{list: Sidecars, at: task.Get("sidecars")},
	}
	return pod
}

// tektonRuns are the pods of runs, and of pipelines with tasks written in them.
// A run of a task that stands elsewhere has no containers and still a spec.
func tektonRuns(f form, spec Node, yield func(Pod) bool) {
	if !spec.IsMap() {
		return
	}
	run := runOf(spec)
	if f == formTektonRun {
		yield(taskPod(spec, spec.Get("taskSpec"), run))
		return
	}
	pipeline := spec
	if f == formPipeRun {
		pipeline = spec.Get("pipelineSpec")
	} else {
		run = nil
	}
	none := true
	for _, list := range []string{"tasks", "finally"} {
		for task := range pipeline.Get(list).Items() {
			own := task.Get("taskSpec")
			if !own.IsMap() {
				continue
			}
			none = false
			pod := taskPod(task, own, run)
			pod.name = list + "[" + task.Get("name").Text() + "]"
			if !yield(pod) {
				return
			}
		}
	}
	if none && f == formPipeRun {
		yield(taskPod(spec, pipeline, run)) // a pipeline has no steps
	}
}

// tektonRun is what a run says of its pods.
type tektonRun struct {
	pod    Node
	others []Node // where the service account is named
}

// runOf reads a run as version v1 has it, else as v1beta1.
func runOf(spec Node) *tektonRun {
	template := spec.Get("taskRunTemplate")
	run := &tektonRun{template.Get("podTemplate"), []Node{template, spec}}
	if !run.pod.Set() {
		run.pod = spec.Get("podTemplate")
	}
	return run
}

// strimziPod is a part of a Strimzi resource: the operator makes its pods, and
// the part's template changes them.
func strimziPod(at, template Node) Pod {
	pod := Pod{Node: at, meta: template.Get("pod", "metadata"), spec: Spec{[]Node{template.Get("pod")}}}
	everything := func(string) bool { return true }
	for field, value := range template.Fields() {
		name, isContainer := strings.CutSuffix(field, "Container")
		if !isContainer || !value.IsMap() {
			continue
		}
		list := Containers
		if strings.Contains(strings.ToLower(name), "init") {
			list = InitContainers
		}
		pod.lists = append(pod.lists, containers{list: list, at: value, single: name, completed: everything})
	}
	return pod
}
