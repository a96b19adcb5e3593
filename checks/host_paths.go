package checks

import (
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// hostVolume is a hostPath volume of a pod.
type hostVolume struct {
	name string
	path string // cleaned where it is known, which one with an open variable is not
	at   manifest.Node
}

// hostVolumes are the hostPath volumes of a pod.
func hostVolumes(pod manifest.Pod) iter.Seq[hostVolume] {
	return func(yield func(hostVolume) bool) {
		for volume := range pod.Spec().Items("volumes") {
			at := volume.Get("hostPath", "path")
			if !volume.Get("hostPath").Set() {
				continue
			}
			dir := at.Text()
			if path.IsAbs(dir) {
				dir = path.Clean(dir)
			}
			if !yield(hostVolume{volume.Get("name").Text(), dir, at}) {
				return
			}
		}
	}
}

// reportVolumes reports each hostPath that is asked for, once per path.
func reportVolumes(p *Pass, wanted func(dir string) bool, format string) {
	for pod := range p.Object.Pods() {
		seen := map[string]bool{}
		for v := range hostVolumes(pod) {
			if !seen[v.path] && wanted(v.path) {
				seen[v.path] = true
				p.Report(v.at, pod.Subject().Of(v.path), format, v.path)
			}
		}
	}
}

// within says that a path is a folder or lies in it.
func within(name, folder string) bool {
	return name == folder || folder == "/" || strings.HasPrefix(name, folder+"/")
}

// coversPath says that a folder that was mounted at base holds what head
// mounts: the reverse, a wider mount, is new.
func coversPath(base []string, head string) bool {
	return slices.ContainsFunc(base, func(folder string) bool { return within(head, folder) })
}

// sensitivePaths are the host's folders that lead to its control or to its
// secrets.
var sensitivePaths = []string{
	"/etc", "/proc", "/sys", "/dev", "/root", "/boot", "/run", "/var/run", "/var/log",
	"/var/lib/kubelet", "/var/lib/docker", "/var/lib/containerd", "/var/lib/etcd",
}

// programPaths hold the host's programs: whole they are sensitive, while what
// single folders of them hold (kernel modules, time zones) is not.
var programPaths = []string{"/usr", "/lib", "/lib64", "/bin", "/sbin", "/home"}

// sensitivePath says that a path is, holds or lies in a sensitive folder.
func sensitivePath(name string) bool {
	return slices.Contains(programPaths, name) || path.IsAbs(name) && slices.ContainsFunc(sensitivePaths, func(folder string) bool {
		return within(name, folder) || within(folder, name)
	})
}

// runtimeSockets are the sockets that control the container runtime.
var runtimeSockets = []string{"docker.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock", "podman.sock"}

func runtimeSocketPath(name string) bool {
	return slices.Contains(runtimeSockets, path.Base(name)) || slices.Contains(runtimePipes, strings.ToLower(name))
}

// runtimePipes are the same on Windows.
var runtimePipes = []string{`\\.\pipe\docker_engine`, `\\.\pipe\containerd-containerd`}
