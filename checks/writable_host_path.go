package checks

import "github.com/rendergate/rendergate/render/manifest"

var writableHostPath = &Check{
	ID:       "writable-host-path",
	Title:    "Container may write to a folder of the node",
	Severity: High,
	Topic:    PrivilegedContainers,
	Since:    "0.1.0",
	Why:      "What a container writes to the node stays there and is run or read by others: a way to persist and to escape.",
	Fix:      "Set `readOnly: true` on the volume mount.",
	Source:   "MITRE ATT&CK for Containers T1611",
	Aliases:  []string{"writable-host-mount", "C-0045"},
	Covers:   coversPath,
	Mend:     readOnlyMounts,
	Trial:    true,
	Bad: container(`volumeMounts:
  - name: data # want
    mountPath: /data
`) + indented(6, `volumes:
  - name: data
    hostPath: {path: /mnt/data}
`),
	Good: container(`volumeMounts:
  - name: data
    mountPath: /data
    readOnly: true
`) + indented(6, `volumes:
  - name: data
    hostPath: {path: /mnt/data}
`),
	NearMiss: container(`volumeMounts:
  - name: data
    mountPath: /data
`) + indented(6, `volumes:
  - name: data
    emptyDir: {}
  - name: unused
    hostPath: {path: /mnt/data}
`),
	Run: func(p *Pass) {
		for pod := range p.Object.Pods() {
			paths := map[string]string{}
			for v := range hostVolumes(pod) {
				paths[v.name] = v.path
			}
			for c := range pod.Containers() {
				reportWritable(p, c, paths)
			}
		}
	},
}

// reportWritable reports the mounts of a container that it may write to, given
// the paths of its pod's volumes.
func reportWritable(p *Pass, c manifest.Container, paths map[string]string) {
	seen := map[string]bool{}
	for mount := range c.Get("volumeMounts").Items() {
		dir, ok := paths[mount.Get("name").Text()]
		if !ok || mount.Get("readOnly").IsTrue() || seen[dir] {
			continue
		}
		seen[dir] = true
		p.Report(mount.Get("readOnly"), c.Subject().Of(dir), "container %q may write to %s of the node: %s", c.Name(), dir, stated(mount.Get("readOnly"), "true"))
	}
}

// readOnlyMounts makes all mounts of the finding's folder in its container
// read-only.
func readOnlyMounts(f Finding, _ []*manifest.Object) []manifest.Edit {
	c, ok := containerOf(f)
	if !ok {
		return nil
	}
	var edits []manifest.Edit
	for v := range hostVolumes(c.Pod) {
		for mount := range c.Get("volumeMounts").Items() {
			if v.path == f.Subject.Class && mount.Get("name").Text() == v.name && !mount.Get("readOnly").IsTrue() {
				edits = append(edits, manifest.SetTo(mount.Get("readOnly"), "true"))
			}
		}
	}
	return edits
}
