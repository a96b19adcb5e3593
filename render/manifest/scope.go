package manifest

import "strings"

// Built-in kinds without a namespace, from the Kubernetes API reference 1.37.
var clusterScoped = map[string]bool{
	"Namespace": true, "Node": true, "PersistentVolume": true, "ComponentStatus": true,
	"rbac.authorization.k8s.io/ClusterRole":                         true,
	"rbac.authorization.k8s.io/ClusterRoleBinding":                  true,
	"apiextensions.k8s.io/CustomResourceDefinition":                 true,
	"apiregistration.k8s.io/APIService":                             true,
	"admissionregistration.k8s.io/MutatingWebhookConfiguration":     true,
	"admissionregistration.k8s.io/ValidatingWebhookConfiguration":   true,
	"admissionregistration.k8s.io/ValidatingAdmissionPolicy":        true,
	"admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": true,
	"admissionregistration.k8s.io/MutatingAdmissionPolicy":          true,
	"admissionregistration.k8s.io/MutatingAdmissionPolicyBinding":   true,
	"certificates.k8s.io/CertificateSigningRequest":                 true,
	"certificates.k8s.io/ClusterTrustBundle":                        true,
	"flowcontrol.apiserver.k8s.io/FlowSchema":                       true,
	"flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration":       true,
	"networking.k8s.io/IngressClass":                                true,
	"networking.k8s.io/IPAddress":                                   true,
	"networking.k8s.io/ServiceCIDR":                                 true,
	"node.k8s.io/RuntimeClass":                                      true,
	"policy/PodSecurityPolicy":                                      true,
	"extensions/PodSecurityPolicy":                                  true,
	"resource.k8s.io/DeviceClass":                                   true,
	"resource.k8s.io/ResourceSlice":                                 true,
	"scheduling.k8s.io/PriorityClass":                               true,
	"storage.k8s.io/StorageClass":                                   true,
	"storage.k8s.io/CSIDriver":                                      true,
	"storage.k8s.io/CSINode":                                        true,
	"storage.k8s.io/VolumeAttachment":                               true,
	"storage.k8s.io/VolumeAttributesClass":                          true,
	"storagemigration.k8s.io/StorageVersionMigration":               true,
	"authentication.k8s.io/TokenReview":                             true,
	"authorization.k8s.io/SubjectAccessReview":                      true,
	"internal.apiserver.k8s.io/StorageVersion":                      true,
	"policy.networking.k8s.io/AdminNetworkPolicy":                   true,
	"policy.networking.k8s.io/BaselineAdminNetworkPolicy":           true,
	"gateway.networking.k8s.io/GatewayClass":                        true,
}

// ClusterScoped says that a built-in kind has no namespace.
func ClusterScoped(r Ref) bool { return clusterScoped[r.GroupKind()] }

// builtInGroups are the groups that the API server itself serves and that have
// no dot or end in .k8s.io.
var builtInGroups = map[string]bool{
	"": true, "apps": true, "batch": true, "extensions": true, "autoscaling": true, "policy": true,
}

// Namespaced says that a kind is a built-in one that lives in a namespace.
func Namespaced(r Ref) bool {
	if ClusterScoped(r) || r.Kind == "" {
		return false
	}
	group := r.Group()
	return builtInGroups[group] || strings.HasSuffix(group, ".k8s.io") && !strings.Contains(group, ".x-k8s.io")
}
