package terraform

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// kubernetesKinds are the resources of the Kubernetes provider that checks know
// as objects, without the _v1 that many also go by.
var kubernetesKinds = map[string]string{
	"pod": "v1/Pod", "replication_controller": "v1/ReplicationController", "deployment": "apps/v1/Deployment", "stateful_set": "apps/v1/StatefulSet",
	"daemonset": "apps/v1/DaemonSet", "daemon_set": "apps/v1/DaemonSet", "job": "batch/v1/Job", "cron_job": "batch/v1/CronJob",
	"namespace": "v1/Namespace", "service": "v1/Service", "service_account": "v1/ServiceAccount", "config_map": "v1/ConfigMap", "config_map_v1_data": "v1/ConfigMap", "secret": "v1/Secret",
	"ingress": "networking.k8s.io/v1/Ingress", "network_policy": "networking.k8s.io/v1/NetworkPolicy",
	"role": "rbac.authorization.k8s.io/v1/Role", "cluster_role": "rbac.authorization.k8s.io/v1/ClusterRole",
	"role_binding": "rbac.authorization.k8s.io/v1/RoleBinding", "cluster_role_binding": "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
	"storage_class": "storage.k8s.io/v1/StorageClass", "persistent_volume": "v1/PersistentVolume", "limit_range": "v1/LimitRange", "resource_quota": "v1/ResourceQuota",
}

// kubernetes is a resource of the Kubernetes provider as the object that it
// makes. What it goes by stays its address in Terraform.
func (m *module) kubernetes(blk *block, o *manifest.Object) (*manifest.Object, bool) {
	if blk.typ != "resource" {
		return nil, false
	}
	name, is := strings.CutPrefix(blk.labels[0], "kubernetes_")
	if manifests := blk.labels[0] == "kubectl_manifest"; manifests || name == "manifest" {
		return manifestObject(o, manifests)
	}
	kind, known := kubernetesKinds[trimVersion(name)]
	if !is || !known {
		return nil, false
	}
	cut := strings.LastIndex(kind, "/")
	root := camel(o.Root.YAML(), "")
	put(root, "apiVersion", root.Line, scalar("!!str", kind[:cut], root.Line))
	put(root, "kind", root.Line, scalar("!!str", kind[cut+1:], root.Line))
	settleKind(root, kind[cut+1:])
	return seen(o, root), true
}

func trimVersion(name string) string {
	for _, end := range []string{"_v1", "_v2", "_v1beta1"} {
		if rest, has := strings.CutSuffix(name, end); has {
			return rest
		}
	}
	return name
}

// seen is the object that a resource makes, under its address.
func seen(o *manifest.Object, root *yaml.Node) *manifest.Object {
	made := manifest.FromYAML(root, o.Origin)
	if len(made) != 1 {
		return o
	}
	next := made[0]
	next.Address, next.Written = o.Identity(), o.Written
	return next
}

// manifestObject is the object that a resource holds as it is. One that nobody
// knows stays a resource.
func manifestObject(o *manifest.Object, text bool) (*manifest.Object, bool) {
	at := o.Root.Get("manifest")
	if text {
		at = o.Root.Get("yaml_body")
	}
	root := at.YAML()
	if text && at.Text() != "" {
		parsed, err := manifest.Parse([]byte(at.Text()), o.Origin)
		if err != nil || len(parsed) != 1 {
			return nil, false
		}
		root = parsed[0].Root.YAML()
		settle(root, false, at.Line(), false)
	}
	if root == nil || root.Kind != yaml.MappingNode {
		return nil, false
	}
	next := seen(o, root)
	return next, next != o
}

// plural are the blocks that are lists in an object, by the block around them
// (empty: none, a star: any) and their type, with the field's name.
var plural = map[string]string{
	"*.container": "containers", "*.init_container": "initContainers", "*.volume": "volumes", "*.volume_mount": "volumeMounts", "*.toleration": "tolerations",
	"*.image_pull_secrets": "imagePullSecrets", "*.host_aliases": "hostAliases", "*.topology_spread_constraint": "topologySpreadConstraints", "*.env_from": "envFrom",
	"*.env": "env", "container.port": "ports", "init_container.port": "ports", "spec.port": "ports", "security_context.sysctl": "sysctls",
	"*.subject": "subjects", "*.rule": "rules", "spec.ingress": "ingress", "spec.egress": "egress", "ingress.from": "from", "egress.to": "to", "ingress.ports": "ports",
	"egress.ports": "ports", "*.tls": "tls", "http.path": "paths", "*.match_expressions": "matchExpressions", ".secret": "secrets", ".image_pull_secret": "imagePullSecrets",
	"*.volume_claim_template": "volumeClaimTemplates", "*.volume_device": "volumeDevices", "*.readiness_gate": "readinessGates", "*.node_selector_term": "nodeSelectorTerms", "projected.sources": "sources", "*.items": "items",
	"http_get.http_header": "httpHeaders", "*.except": "except", "spec.limit": "limits",
}

// oddNames are fields that are called otherwise than by their words.
var oddNames = map[string]string{
	"host_pid": "hostPID", "host_ipc": "hostIPC", "cluster_ip": "clusterIP", "cluster_ips": "clusterIPs", "external_ips": "externalIPs", "pod_ip": "podIP", "host_ip": "hostIP",
	"load_balancer_ip": "loadBalancerIP", "non_resource_urls": "nonResourceURLs", "fs_type": "fsType", "external_name": "externalName", "se_linux_options": "seLinuxOptions",
	"run_as_user": "runAsUser", "api_group": "apiGroup", "aws_elastic_block_store": "awsElasticBlockStore", "volume_id": "volumeID", "pod_cidr": "podCIDR",
}

// free are fields whose keys are anybody's own.
var free = []string{"labels", "annotations", "match_labels", "node_selector", "data", "binary_data", "string_data", "limits", "requests", "parameters", "hard", "binary_data_wo", "data_wo"}

// camel is what a block holds as an object has it: words joined, blocks that
// may stand once without their list.
func camel(y *yaml.Node, within string) *yaml.Node {
	if y.Kind != yaml.MappingNode {
		return y
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: y.Line}
	for i := 0; i+1 < len(y.Content); i += 2 {
		name, value := y.Content[i].Value, y.Content[i+1]
		field := joined(name)
		switch {
		case slices.Contains(free, name):
		case value.Kind == yaml.SequenceNode && len(value.Content) > 0 && value.Content[0].Kind != yaml.ScalarNode:
			if list := listed(within, name); list != "" {
				field = list
				value = camelItems(value, name)
			} else {
				value = camel(value.Content[0], name)
			}
		default:
			value = camel(value, name)
		}
		put(root, field, y.Content[i].Line, value)
	}
	return root
}

func listed(within, name string) string {
	if field, known := plural[within+"."+name]; known {
		return field
	}
	return plural["*."+name]
}

func camelItems(list *yaml.Node, name string) *yaml.Node {
	next := *list
	next.Content = nil
	for _, item := range list.Content {
		next.Content = append(next.Content, camel(item, name))
	}
	return &next
}

func joined(name string) string {
	if odd, known := oddNames[name]; known {
		return odd
	}
	words := strings.Split(name, "_")
	for i := range words[1:] {
		if w := words[i+1]; w != "" {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

// settleKind puts right what the provider has otherwise: a Secret's data is not
// encoded yet, and who names no namespace gets default.
func settleKind(root *yaml.Node, kind string) {
	if kind == "Secret" {
		rename(root, "data", "stringData")
	}
	meta := field(root, "metadata")
	namespaced := manifest.Namespaced(manifest.Ref{APIVersion: field(root, "apiVersion").Value, Kind: kind})
	if meta != nil && meta.Kind == yaml.MappingNode && field(meta, "namespace") == nil && namespaced {
		put(meta, "namespace", meta.Line, scalar("!!str", "default", meta.Line))
	}
}

func rename(root *yaml.Node, from, to string) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == from {
			root.Content[i].Value = to
		}
	}
}

// Path is the way to a field of an object as its resource writes it: blocks by
// their position among those of their type. False where the object is no
// resource's, or the resource holds it as text.
func Path(o *manifest.Object, keys []manifest.Key) ([]manifest.Key, bool) {
	switch kind := o.Address.Kind; {
	case kind == "":
		return keys, true
	case kind == "kubernetes_manifest":
		return append([]manifest.Key{{Name: "manifest", Index: -1}}, keys...), true
	case kind == "kubectl_manifest":
		return nil, false
	}
	var all []manifest.Key
	within := ""
	for i, key := range keys {
		if key.Index >= 0 {
			all = append(all, key)
			continue
		}
		name := written(within, key.Name)
		all = append(all, manifest.Key{Name: name, Index: -1})
		if slices.Contains(free, name) {
			return append(all, keys[i+1:]...), true
		}
		if i+1 < len(keys) && keys[i+1].Index < 0 {
			all = append(all, manifest.Key{Name: "0", Index: 0}) // a block that stands once
		}
		within = name
	}
	return all, true
}

// written is a field of an object as the provider calls it.
func written(within, field string) string {
	best := ""
	for key, list := range plural {
		around, name, _ := strings.Cut(key, ".")
		if list == field && (around == within || around == "*" && best == "") {
			best = name
		}
	}
	if best != "" {
		return best
	}
	for name, odd := range oddNames {
		if odd == field {
			return name
		}
	}
	var b strings.Builder
	for _, r := range field {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
