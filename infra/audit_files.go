package infra

import (
	"encoding/base64"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// AuditPolicies are the policies that an object is, or carries. refused gets
// those that the API server would not start with, and why.
func AuditPolicies(o *manifest.Object, refused func(manifest.Node, error)) []AuditPolicy {
	var all []AuditPolicy
	for _, at := range policyRoots(o) {
		policy, err := newAuditPolicy(at)
		if err != nil {
			refused(at, err)
			continue
		}
		all = append(all, policy)
	}
	return all
}

func policyRoots(o *manifest.Object) []manifest.Node {
	if o.GroupKind() == "audit.k8s.io/Policy" {
		return []manifest.Node{o.Root}
	}
	var all []manifest.Node
	if at := o.Root.Get("cluster", "apiServer", "auditPolicy"); o.GroupKind() == "talos.dev/MachineConfig" && at.Get("rules").IsList() {
		all = append(all, at)
	}
	return append(all, embeddedIn(o, "audit.k8s.io/", "Policy")...)
}

// File is a file that an object puts on a node, or holds for a program.
type File struct {
	Path string
	Text string
	At   manifest.Node // the text, as it stands in the object
}

// Files are the files that an object carries as text.
func Files(o *manifest.Object) []File {
	var all []File
	switch o.GroupKind() {
	case "ConfigMap":
		for name, at := range o.Root.Get("data").Fields() {
			all = append(all, File{name, at.Text(), at})
		}
	case "kops.k8s.io/Cluster", "kops.k8s.io/InstanceGroup":
		for item := range o.Root.Get("spec", "fileAssets").Items() {
			all = append(all, file(item, "path", item.Get("isBase64").IsTrue()))
		}
	case "talos.dev/MachineConfig":
		for item := range o.Root.Get("machine", "files").Items() {
			all = append(all, file(item, "path", false))
		}
	case "cloud-init/CloudConfig":
		all = cloudFiles(o.Root)
	case "controlplane.cluster.x-k8s.io/RKE2ControlPlane", "controlplane.cluster.x-k8s.io/RKE2ControlPlaneTemplate",
		"bootstrap.cluster.x-k8s.io/RKE2Config", "bootstrap.cluster.x-k8s.io/RKE2ConfigTemplate":
		for _, at := range []manifest.Node{o.Root.Get("spec", "files"), o.Root.Get("spec", "template", "spec", "files")} {
			for item := range at.Items() {
				all = append(all, file(item, "path", item.Get("encoding").Text() == "base64"))
			}
		}
	default:
		if strings.HasSuffix(o.Group(), ".cluster.x-k8s.io") && strings.HasPrefix(o.Kind, "Kubeadm") {
			for item := range kubeadmSpec(o).Get("files").Items() {
				all = append(all, file(item, "path", item.Get("encoding").Text() == "base64"))
			}
		}
	}
	return all
}

// cloudFiles are the files that cloud-init writes.
func cloudFiles(root manifest.Node) []File {
	var all []File
	for item := range root.Get("write_files").Items() {
		encoding := item.Get("encoding").Text()
		all = append(all, file(item, "path", encoding == "b64" || encoding == "base64"))
	}
	return all
}

func file(item manifest.Node, path string, encoded bool) File {
	f := File{item.Get(path).Text(), item.Get("content").Text(), item.Get("content")}
	if encoded {
		if plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(f.Text)); err == nil {
			f.Text = string(plain)
		}
	}
	return f
}
