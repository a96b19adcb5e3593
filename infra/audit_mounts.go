package infra

import (
	"path"
	"strconv"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// AuditFile is a file that an API server is told of for its audit log.
type AuditFile struct {
	Flag, Path string
	Of         string
	At         manifest.Node
	Subject    manifest.Subject
	Lacks      string // what is missing for the API server to reach it; empty where nothing is, or nobody knows
}

var auditFileFlags = []string{"audit-policy-file", "audit-log-path", "audit-webhook-config-file"}

// AuditFiles are such files where the API server runs in a container: it sees
// only what is mounted.
func AuditFiles(o *manifest.Object) []AuditFile {
	var all []AuditFile
	for _, p := range Programs(o) {
		if p.Name != APIServer {
			continue
		}
		for _, flag := range auditFileFlags {
			name := p.Value(flag)
			if !p.Given(flag) || !path.IsAbs(name) {
				continue
			}
			f := AuditFile{Flag: flag, Path: path.Clean(name), Of: p.Of, At: p.Place(flag), Subject: p.Subject}
			f.Lacks = lacksMount(o, p, f)
			all = append(all, f)
		}
	}
	return all
}

func lacksMount(o *manifest.Object, p Program, f AuditFile) string {
	switch o.GroupKind() {
	case "talos.dev/MachineConfig", "k3s.io/Config", "controlplane.cluster.x-k8s.io/RKE2ControlPlane", "controlplane.cluster.x-k8s.io/RKE2ControlPlaneTemplate",
		"controlplane.cluster.x-k8s.io/KThreesControlPlane", "controlplane.cluster.x-k8s.io/KThreesControlPlaneTemplate":
		return "" // no container, or one that sees the node's folders
	case "kops.k8s.io/Cluster":
		return kopsLacksFile(o, f)
	}
	if strings.HasPrefix(o.Kind, "Kubeadm") || o.Group() == "kubeadm.k8s.io" {
		return kubeadmLacksMount(o, f)
	}
	for c := range o.Containers() {
		if c.Subject() == p.Subject {
			return podLacksMount(c, f)
		}
	}
	return ""
}

// podLacksMount looks for a volume over the file, or a folder above it.
func podLacksMount(c manifest.Container, f AuditFile) string {
	for mount := range c.Get("volumeMounts").Items() {
		if !covers(mount.Get("mountPath").Text(), f.Path) {
			continue
		}
		name := mount.Get("name").Text()
		for volume := range c.Pod.Spec().Get("volumes").Items() {
			if volume.Get("name").Text() != name {
				continue
			}
			if f.Flag == "audit-log-path" && volume.Get("emptyDir").Exists() {
				return "the log goes with the pod: volume " + strconv.Quote(name) + " is an emptyDir"
			}
			return ""
		}
		return "there is no volume " + strconv.Quote(name)
	}
	return "no volume is mounted there"
}

// kubeadmMounts are what kubeadm mounts by itself.
var kubeadmMounts = []string{"/etc/kubernetes/pki", "/etc/ssl/certs", "/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/etc/pki"}

func kubeadmLacksMount(o *manifest.Object, f AuditFile) string {
	for _, own := range kubeadmMounts {
		if covers(own, f.Path) {
			return ""
		}
	}
	config, _ := kubeadmSection(o, "clusterConfiguration")
	for volume := range config.Get("apiServer", "extraVolumes").Items() {
		inside := volume.Get("mountPath").Text()
		if !covers(inside, f.Path) {
			continue
		}
		spec := kubeadmSpec(o)
		if o.Group() == "kubeadm.k8s.io" || f.Flag == "audit-log-path" || spec.Get("preKubeadmCommands").Len() > 0 {
			return "" // it is on the node by other ways
		}
		onNode := path.Join(volume.Get("hostPath").Text(), strings.TrimPrefix(f.Path, path.Clean(inside)))
		for file := range spec.Get("files").Items() {
			if Unknown(file.Get("path").Text()) || path.Clean(file.Get("path").Text()) == onNode {
				return ""
			}
		}
		return "files has no " + onNode
	}
	return "extraVolumes mounts nothing there"
}

// kopsLacksFile: kOps mounts the folder of the log, and its own.
func kopsLacksFile(o *manifest.Object, f AuditFile) string {
	if f.Flag == "audit-log-path" || o.Root.Get("spec", "hooks").Len() > 0 {
		return ""
	}
	for file := range o.Root.Get("spec", "fileAssets").Items() {
		// Without a path it is put below /srv/kubernetes/assets.
		at := file.Get("path").Text()
		if Unknown(at) || at == f.Path || at == "" && path.Base(f.Path) == file.Get("name").Text() {
			return ""
		}
	}
	return "fileAssets has no such file"
}

// covers says that a file lies in a folder, or is it.
func covers(folder, name string) bool {
	if folder == "" || Unknown(folder) {
		return folder != ""
	}
	folder = path.Clean(folder)
	return folder == "/" || folder == name || strings.HasPrefix(name, folder+"/")
}
