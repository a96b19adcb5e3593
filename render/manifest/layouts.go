package manifest

import "strings"

// layout tells where a kind describes its pods, and how.
type layout struct {
	form   form
	places []place
	stays  bool // its pods are meant to stay up, and it adds no probes of its own
	open   bool // an operator may fill in what a pod leaves out
}

// form is how a place describes a pod.
type form int

const (
	formTemplate  form = iota // metadata and spec, as a PodTemplate has them
	formAny                   // the same, or the fields of a spec
	formSpec                  // the fields of a spec
	formMerged                // the same, with containers that an operator merges into its own
	formInjected              // the fields of a spec that are added to the pods of others
	formArgo                  // the spec of an Argo workflow
	formTekton                // the spec of a Tekton task
	formTektonRun             // the spec of a run of a Tekton task
	formPipeline              // the spec of a Tekton pipeline
	formPipeRun               // the spec of a run of a Tekton pipeline
	formStrimzi               // a part of a Strimzi resource that has a template
)

// at is a table's entry for a form: ways as parsePlace reads them. The pod of
// one of several ways goes by the field that leads to it.
func at(f form, ways ...string) *layout {
	l := &layout{form: f}
	for _, way := range ways {
		name := ""
		if len(ways) > 1 {
			name = way
			for _, end := range []string{".template", ".spec", ".template"} {
				name = strings.TrimSuffix(name, end)
			}
			if name = name[strings.LastIndex(name, ".")+1:]; strings.ContainsAny(name, "[{") {
				name = "" // its items have names
			}
		}
		l.places = append(l.places, mustPlace(name, way))
	}
	return l
}

// staying is a table's entry for pods that are meant to stay up.
func staying(ways ...string) *layout {
	l := at(formTemplate, ways...)
	l.stays = true
	return l
}

// layouts are the kinds that make pods. Keys are group/Kind, the versions
// being alike in this. Nothing changes the table.
var layouts = map[string]*layout{
	"Pod":                                {form: formTemplate, places: []place{{}}, stays: true},
	"PodTemplate":                        staying("template"),
	"ReplicationController":              staying("spec.template"),
	"apps/Deployment":                    staying("spec.template"),
	"apps/ReplicaSet":                    staying("spec.template"),
	"apps/StatefulSet":                   staying("spec.template"),
	"apps/DaemonSet":                     staying("spec.template"),
	"extensions/Deployment":              staying("spec.template"),
	"extensions/DaemonSet":               staying("spec.template"),
	"extensions/ReplicaSet":              staying("spec.template"),
	"batch/Job":                          at(formTemplate, "spec.template"),
	"batch/CronJob":                      at(formTemplate, "spec.jobTemplate.spec.template"),
	"DeploymentConfig":                   staying("spec.template"),
	"apps.openshift.io/DeploymentConfig": staying("spec.template"),

	"argoproj.io/Rollout":                 staying("spec.template"), // with a workloadRef it has none: the Deployment makes the pods
	"argoproj.io/Workflow":                at(formArgo, "spec"),
	"argoproj.io/WorkflowTemplate":        at(formArgo, "spec"),
	"argoproj.io/ClusterWorkflowTemplate": at(formArgo, "spec"),
	"argoproj.io/CronWorkflow":            at(formArgo, "spec.workflowSpec"),

	"tekton.dev/Task":        at(formTekton, "spec"),
	"tekton.dev/ClusterTask": at(formTekton, "spec"),
	"tekton.dev/TaskRun":     at(formTektonRun, "spec"),
	"tekton.dev/Pipeline":    at(formPipeline, "spec"),
	"tekton.dev/PipelineRun": at(formPipeRun, "spec"),

	// Knative adds a readiness probe.
	"serving.knative.dev/Service":         at(formTemplate, "spec.template"),
	"serving.knative.dev/Configuration":   at(formTemplate, "spec.template"),
	"serving.knative.dev/Revision":        {form: formTemplate, places: []place{{}}},
	"sources.knative.dev/ContainerSource": at(formTemplate, "spec.template"),
	"serving.kserve.io/InferenceService":  at(formSpec, "spec.predictor", "spec.transformer", "spec.explainer"),
	"serving.kserve.io/ServingRuntime":    at(formSpec, "spec"),
	"serving.kserve.io/ClusterServingRuntime": at(formSpec,
		"spec"),

	"ray.io/RayCluster": at(formTemplate, "spec.headGroupSpec.template", "spec.workerGroupSpecs[groupName].template"),
	"ray.io/RayJob": at(formTemplate, "spec.rayClusterSpec.headGroupSpec.template", "spec.rayClusterSpec.workerGroupSpecs[groupName].template",
		"spec.submitterPodTemplate"),
	"ray.io/RayService": at(formTemplate, "spec.rayClusterConfig.headGroupSpec.template", "spec.rayClusterConfig.workerGroupSpecs[groupName].template"),

	"monitoring.coreos.com/Prometheus":      at(formMerged, "spec"),
	"monitoring.coreos.com/PrometheusAgent": at(formMerged, "spec"),
	"monitoring.coreos.com/Alertmanager":    at(formMerged, "spec"),
	"monitoring.coreos.com/ThanosRuler":     at(formMerged, "spec"),

	"kafka.strimzi.io/Kafka": at(formStrimzi, "spec.kafka", "spec.zookeeper", "spec.entityOperator", "spec.cruiseControl", "spec.kafkaExporter",
		"spec.jmxTrans"),
	"kafka.strimzi.io/KafkaNodePool":     at(formStrimzi, "spec"),
	"kafka.strimzi.io/KafkaConnect":      at(formStrimzi, "spec"),
	"kafka.strimzi.io/KafkaMirrorMaker":  at(formStrimzi, "spec"),
	"kafka.strimzi.io/KafkaMirrorMaker2": at(formStrimzi, "spec"),
	"kafka.strimzi.io/KafkaBridge":       at(formStrimzi, "spec"),

	"keda.sh/ScaledJob":        at(formTemplate, "spec.jobTargetRef.template"),
	"agones.dev/GameServer":    at(formTemplate, "spec.template"),
	"agones.dev/GameServerSet": at(formTemplate, "spec.template.spec.template"),
	"agones.dev/Fleet":         at(formTemplate, "spec.template.spec.template"),
	"jobset.x-k8s.io/JobSet":   at(formTemplate, "spec.replicatedJobs[name].template.spec.template"),
	"leaderworkerset.x-k8s.io/LeaderWorkerSet": at(formTemplate, "spec.leaderWorkerTemplate.leaderTemplate",
		"spec.leaderWorkerTemplate.workerTemplate"),
	"batch.volcano.sh/Job":                    at(formTemplate, "spec.tasks[name].template"),
	"actions.github.com/AutoscalingRunnerSet": at(formTemplate, "spec.template"),
	"kubeflow.org/Notebook":                   at(formTemplate, "spec.template"),
	"kubeflow.org/MPIJob":                     at(formTemplate, "spec.mpiReplicaSpecs{}.template"),
	"kubeflow.org/PyTorchJob":                 at(formTemplate, "spec.pytorchReplicaSpecs{}.template"),
	"kubeflow.org/TFJob":                      at(formTemplate, "spec.tfReplicaSpecs{}.template"),
	"kubeflow.org/XGBoostJob":                 at(formTemplate, "spec.xgbReplicaSpecs{}.template"),

	"apps.kruise.io/CloneSet":        staying("spec.template"),
	"apps.kruise.io/StatefulSet":     staying("spec.template"),
	"apps.kruise.io/DaemonSet":       staying("spec.template"),
	"apps.kruise.io/BroadcastJob":    at(formTemplate, "spec.template"),
	"apps.kruise.io/SidecarSet":      at(formInjected, "spec"),
	"apps.kruise.io/AdvancedCronJob": at(formTemplate, "spec.template.jobTemplate.spec.template", "spec.template.broadcastJobTemplate.spec.template"),
	"apps.kruise.io/UnitedDeployment": at(formTemplate, "spec.template.statefulSetTemplate.spec.template",
		"spec.template.advancedStatefulSetTemplate.spec.template", "spec.template.cloneSetTemplate.spec.template",
		"spec.template.deploymentTemplate.spec.template"),
}
