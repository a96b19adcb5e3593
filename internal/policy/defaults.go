package policy

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// complete fills in what the API server fills in before it asks policies, as far
// as policies often read it. Source: Kubernetes API reference 1.37, and
// pkg/apis/{apps,batch,core}/v1/defaults.go of Kubernetes.
func complete(r manifest.Ref, o map[string]any) {
	spec, ok := o["spec"].(map[string]any)
	if !ok {
		return
	}
	if meta, ok := o["metadata"].(map[string]any); ok && r.Namespace != "" {
		unset(meta, "namespace", r.Namespace)
	}
	switch r.GroupKind() {
	case "apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "ReplicationController":
		unset(spec, "replicas", int64(1))
		pod(below(spec, "template", "spec"), "Always")
	case "apps/DaemonSet":
		pod(below(spec, "template", "spec"), "Always")
	case "batch/Job":
		job(spec)
	case "batch/CronJob":
		unset(spec, "concurrencyPolicy", "Allow")
		unset(spec, "suspend", false)
		unset(spec, "successfulJobsHistoryLimit", int64(3))
		unset(spec, "failedJobsHistoryLimit", int64(1))
		job(below(spec, "jobTemplate", "spec"))
	case "Pod":
		pod(spec, "Always")
	case "Service":
		unset(spec, "type", "ClusterIP")
		unset(spec, "sessionAffinity", "None")
		each(spec["ports"], func(port map[string]any) { unset(port, "protocol", "TCP") })
	case "autoscaling/HorizontalPodAutoscaler":
		unset(spec, "minReplicas", int64(1))
	}
}

func job(spec map[string]any) {
	if spec == nil {
		return
	}
	unset(spec, "backoffLimit", int64(6))
	unset(spec, "suspend", false)
	unset(spec, "parallelism", int64(1))
	pod(below(spec, "template", "spec"), "")
}

func pod(spec map[string]any, restart string) {
	if spec == nil {
		return
	}
	if restart != "" {
		unset(spec, "restartPolicy", restart)
	}
	unset(spec, "dnsPolicy", "ClusterFirst")
	unset(spec, "terminationGracePeriodSeconds", int64(30))
	unset(spec, "securityContext", map[string]any{})
	unset(spec, "enableServiceLinks", true)
	for _, list := range []string{"containers", "initContainers"} {
		each(spec[list], func(c map[string]any) {
			image, _ := c["image"].(string)
			pull := "IfNotPresent"
			if name := image[strings.LastIndex(image, "/")+1:]; !strings.Contains(name, "@") && (!strings.Contains(name, ":") || strings.HasSuffix(name, ":latest")) {
				pull = "Always"
			}
			unset(c, "imagePullPolicy", pull)
			unset(c, "resources", map[string]any{})
			unset(c, "terminationMessagePath", "/dev/termination-log")
			unset(c, "terminationMessagePolicy", "File")
			each(c["ports"], func(port map[string]any) { unset(port, "protocol", "TCP") })
		})
	}
}

func unset(m map[string]any, key string, value any) {
	if m[key] == nil {
		m[key] = value
	}
}

func below(m map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		m, _ = m[key].(map[string]any)
	}
	return m
}

func each(list any, visit func(map[string]any)) {
	items, _ := list.([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			visit(m)
		}
	}
}
