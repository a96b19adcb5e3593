package manifest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/render/manifest"
)

// described lists an object's containers with their images, and pods without
// containers.
func described(o *manifest.Object) []string {
	var all []string
	for pod := range o.Pods() {
		before := len(all)
		for c := range pod.Containers() {
			all = append(all, c.Subject().String()+" "+c.Get("image").Text())
		}
		if len(all) == before {
			all = append(all, "pod "+pod.Name())
		}
	}
	return all
}

func TestPodsOfKinds(t *testing.T) {
	const pod = "{metadata: {labels: {a: b}}, spec: {initContainers: [{name: i, image: x}], containers: [{name: c, image: y}]}}"
	for kind, tc := range map[string]struct {
		body string
		want []string
	}{
		"apps.openshift.io/v1 DeploymentConfig": {"spec: {template: " + pod + "}", []string{"initContainers[i] x", "containers[c] y"}},
		"batch/v1 CronJob":                      {"spec: {jobTemplate: {spec: {template: " + pod + "}}}", []string{"initContainers[i] x", "containers[c] y"}},
		"argoproj.io/v1alpha1 Rollout":          {"spec: {template: " + pod + "}", []string{"initContainers[i] x", "containers[c] y"}},
		"agones.dev/v1 Fleet":                   {"spec: {template: {spec: {template: " + pod + "}}}", []string{"initContainers[i] x", "containers[c] y"}},
		"keda.sh/v1alpha1 ScaledJob":            {"spec: {jobTargetRef: {template: " + pod + "}}", []string{"initContainers[i] x", "containers[c] y"}},
		"serving.knative.dev/v1 Service":        {"spec: {template: " + pod + "}", []string{"initContainers[i] x", "containers[c] y"}},
		"serving.kserve.io/v1beta1 InferenceService": {"spec: {predictor: {containers: [{name: k, image: y}]}, transformer: {containers: [{name: k, image: z}]}}",
			[]string{"predictor/containers[k] y", "transformer/containers[k] z"}},
		"ray.io/v1 RayCluster": {"spec: {headGroupSpec: {template: " + pod + "}, workerGroupSpecs: [{groupName: small, template: " + pod + "}, {groupName: big, template: " + pod + "}]}",
			[]string{"headGroupSpec/initContainers[i] x", "headGroupSpec/containers[c] y", "workerGroupSpecs[small]/initContainers[i] x",
				"workerGroupSpecs[small]/containers[c] y", "workerGroupSpecs[big]/initContainers[i] x", "workerGroupSpecs[big]/containers[c] y"}},
		"kubeflow.org/v1 PyTorchJob": {"spec: {pytorchReplicaSpecs: {Worker: {template: " + pod + "}}}",
			[]string{"pytorchReplicaSpecs[Worker]/initContainers[i] x", "pytorchReplicaSpecs[Worker]/containers[c] y"}},
		"apps.kruise.io/v1alpha1 AdvancedCronJob": {"spec: {template: {jobTemplate: {spec: {template: " + pod + "}}}}",
			[]string{"jobTemplate/initContainers[i] x", "jobTemplate/containers[c] y"}},
		"argoproj.io/v1alpha1 CronWorkflow": {"spec: {workflowSpec: {templates: [{name: a, script: {image: s}, sidecars: [{name: d, image: e}]}, {name: steps, steps: []}, {name: set, containerSet: {containers: [{name: o, image: p}]}}]}}",
			[]string{"templates[a]/containers[main] s", "templates[a]/sidecars[d] e", "templates[set]/containers[o] p"}},
		"tekton.dev/v1 Task":     {"spec: {stepTemplate: {image: t}, steps: [{name: one}, {image: 'r.example.com/two:1'}], sidecars: [{name: s, image: u}]}", []string{"steps[one] t", "steps[two] r.example.com/two:1", "sidecars[s] u"}},
		"tekton.dev/v1 Pipeline": {"spec: {tasks: [{name: b, taskSpec: {steps: [{name: s, image: i}]}}, {name: r, taskRef: {name: r}}]}", []string{"tasks[b]/steps[s] i"}},
		"tekton.dev/v1 TaskRun":  {"spec: {taskRef: {name: r}, podTemplate: {hostNetwork: true}}", []string{"pod "}},
		"kafka.strimzi.io/v1beta2 Kafka": {"spec: {kafka: {template: {pod: {}, kafkaContainer: {securityContext: {}}}}, zookeeper: {}}",
			[]string{"kafka/containers[kafka] "}},
		"monitoring.coreos.com/v1 Prometheus": {"spec: {containers: [{name: prometheus}, {name: proxy, image: p}]}", []string{"containers[prometheus] ", "containers[proxy] p"}},
	} {
		version, name, _ := strings.Cut(kind, " ")
		o := one(t, fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: n}\n%s\n", version, name, tc.body))
		if got := described(o); !slices.Equal(got, tc.want) {
			t.Errorf("%s holds %q, want %q", kind, got, tc.want)
		}
	}
	if o := one(t, "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: n}\nspec: {workloadRef: {kind: Deployment, name: n}}\n"); len(described(o)) > 0 {
		t.Error("a Rollout that refers to a Deployment has pods of its own")
	}
}

func TestWhatAnOperatorCompletes(t *testing.T) {
	known := func(text string) (got []string) {
		for c := range one(t, text).Containers() {
			at := c.Effective("runAsNonRoot")
			got = append(got, fmt.Sprintf("%s %t %t", c.Name(), c.Known(at), c.KnownEffective(at)))
		}
		return got
	}
	for text, want := range map[string]string{
		"apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nspec: {containers: [{name: prometheus}, {name: proxy}]}":                                "[prometheus false false proxy true true]",
		"apiVersion: tekton.dev/v1\nkind: Task\nspec: {steps: [{name: a}]}":                                                                              "[a true false]",
		"apiVersion: tekton.dev/v1\nkind: TaskRun\nspec: {taskSpec: {steps: [{name: a}]}}":                                                               "[a true true]",
		"apiVersion: tekton.dev/v1\nkind: Task\nspec: {stepTemplate: {securityContext: {runAsNonRoot: true}}, steps: [{name: a}]}":                       "[a true true]",
		"apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaConnect\nspec: {template: {connectContainer: {env: []}}}":                                      "[connect false false]",
		"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {securityContext: {runAsNonRoot: true}, templates: [{name: a, sidecars: [{name: b}]}]}": "[b true true]",
	} {
		if got := fmt.Sprint(known(text)); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestArgoTemplateOutweighsWorkflow: Argo takes a template's security context
// whole, and not field by field.
func TestArgoTemplateOutweighsWorkflow(t *testing.T) {
	o := one(t, "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  securityContext: {runAsUser: 7}\n  volumes: [{name: all}]\n  templates:\n"+
		"  - {name: a, container: {image: a}}\n  - {name: b, container: {image: b}, volumes: [{name: own}], securityContext: {runAsNonRoot: true}}\n")
	var got []string
	for pod := range o.Pods() {
		id, set := pod.Spec().Get("securityContext", "runAsUser").Int()
		volumes := 0
		for range pod.Spec().Items("volumes") {
			volumes++
		}
		got = append(got, fmt.Sprint(pod.Name(), " ", id, set, volumes))
	}
	if want := []string{"templates[a] 7 true 1", "templates[b] 0 false 2"}; !slices.Equal(got, want) {
		t.Errorf("pods %q, want %q", got, want)
	}
}

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: workers.example.com}
spec:
  group: example.com
  names: {kind: Worker}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
          metadata: {type: object}
          status:
            properties: {last: &podspec {required: [containers], properties: {containers: {items: {properties: {name: {}, image: {}, command: {}, securityContext: {}, volumeMounts: {}}}}}}}
          spec:
            properties:
              groups:
                items:
                  properties:
                    name: {type: string}
                    template:
                      properties:
                        metadata: {type: object}
                        spec: *podspec
---
apiVersion: example.com/v1
kind: Worker
metadata: {name: w}
spec:
  groups:
  - name: red
    template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: y}]}}
---
apiVersion: example.com/v1
kind: Batch
metadata: {name: b}
job: {containers: [{name: d, image: z}]}
`

func TestRecognize(t *testing.T) {
	objects, err := manifest.Parse([]byte(definition), manifest.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	manifest.Recognize(objects, []manifest.Workload{{Kind: "example.com/Batch", Pod: "job"}, {Kind: "apps/Deployment", Pod: "a[b"}})
	for i, want := range []string{"[]", "[groups[red]/containers[c] y]", "[containers[d] z]"} {
		if got := fmt.Sprint(described(objects[i])); got != want {
			t.Errorf("%s holds %s, want %s", objects[i].Kind, got, want)
		}
	}
	edited, err := objects[2].Edited([]manifest.Edit{manifest.SetTo(objects[2].Root.Get("job", "hostPID"), "false")})
	if err != nil || len(described(edited)) != 1 {
		t.Errorf("an edited object forgot where its pods are: %v", err)
	}
	again, err := manifest.Parse([]byte(definition), manifest.Origin{})
	if err != nil || len(described(again[1]))+len(described(again[2])) > 0 {
		t.Errorf("another target's objects know what was told to the first: %v", err)
	}
	for _, way := range []string{"", "a..b", "a[", "a[]", "a[b]c", "a.*", "{}"} {
		if (manifest.Workload{Kind: "A", Pod: way}).Valid() == nil {
			t.Errorf("%q is taken for a way to a pod", way)
		}
	}
}
