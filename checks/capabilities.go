package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// baselineCapabilities may be added under the baseline Pod Security Standard.
var baselineCapabilities = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID",
	"SETPCAP", "SETUID", "SYS_CHROOT",
}

// dangerousCapabilities lead to the node or to its network.
var dangerousCapabilities = []string{"NET_RAW", "NET_ADMIN", "SYS_MODULE", "SYS_PTRACE", "BPF", "DAC_READ_SEARCH", "SYS_RAWIO"}

// adminCapabilities are as good as privileged.
var adminCapabilities = []string{"SYS_ADMIN", "ALL"}

// capability is the name without its prefix, in capitals.
func capability(at manifest.Node) string {
	return strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(at.Text())), "CAP_")
}

// addsAny reports each added capability that is asked for, by its name and as
// the manifest has it: the API server knows names in capitals only.
func addsAny(accepted string, wanted func(name, text string) bool) func(*Pass) {
	return func(p *Pass) {
		for c := range p.Object.Containers() {
			p.reportAdded(c, accepted, wanted)
		}
	}
}

func (p *Pass) reportAdded(c manifest.Container, accepted string, wanted func(name, text string) bool) {
	seen := map[string]bool{}
	for item := range c.Get("securityContext", "capabilities", "add").Items() {
		name := capability(item)
		if name == "" || seen[name] || !wanted(name, item.Text()) {
			continue
		}
		seen[name] = true
		p.Report(item, c.Subject().Of(name), "container %q adds the capability %s; accepted: %s", c.Name(), name, accepted)
	}
}

// dropsAll says that a container starts without any capability.
func dropsAll(c manifest.Container) bool {
	for item := range c.Get("securityContext", "capabilities", "drop").Items() {
		if capability(item) == "ALL" {
			return true
		}
	}
	return false
}

// coversCapability says that ALL was there before, or that the container was
// privileged, which names no class.
func coversCapability(base []string, head string) bool {
	return slices.Contains(base, head) || slices.Contains(base, "ALL") || slices.Contains(base, "")
}

// coversAny says that any finding at base is as bad or worse.
func coversAny([]string, string) bool { return true }

// windows says that a pod runs, or may run, on Windows, where Linux's security context does
// not apply (Pod Security Standards, since v1.25).
func windows(pod manifest.Pod) bool {
	name := pod.Spec().Get("os", "name")
	return name.Text() == "windows" || name.Unknown()
}
