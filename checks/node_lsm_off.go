package checks

import (
	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var nodeLSMOff = &Check{
	ID:       "node-lsm-off",
	Title:    "Node switches SELinux or AppArmor off",
	Severity: High,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "They are what stands between a program that left its container and the node.",
	Fix:      "Leave them on, and write a policy for the program that they stop.",
	Source:   "NSA Kubernetes Hardening Guidance, Pod security; NIST SP 800-190, 4.4.3",
	Mend:     leavesGuards,
	Bad: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      preKubeadmCommands:
        - setenforce 0 # want
        - sed -i 's/^SELINUX=enforcing$/SELINUX=permissive/' /etc/selinux/config # want
---
apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  userData: |
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="X"

    --X
    Content-Type: text/x-shellscript; charset="us-ascii"

    #!/bin/bash
    systemctl disable --now apparmor # want

    --X--
---
apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: others}
spec:
  template:
    spec:
      files:
        - path: /etc/selinux/config
          content: | # want
            SELINUX=disabled
`,
	Good: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      preKubeadmCommands:
        - setenforce 1
`,
	NearMiss: `apiVersion: bootstrap.cluster.x-k8s.io/v1beta1
kind: KubeadmConfigTemplate
metadata: {name: workers}
spec:
  template:
    spec:
      preKubeadmCommands:
        - echo "do not run setenforce 0"
        - sed -i 's/SELINUX=disabled/SELINUX=enforcing/' /etc/selinux/config
`,
	Run: func(p *Pass) {
		for _, start := range infra.StartUps(p.Object) {
			p.unclear(start)
			for _, off := range start.Unguarded() {
				p.Report(off.At, start.Subject.Of(off.What), "%s switches %s off: %s; leaving it on is expected", start.Of, off.What, off.How)
			}
		}
		if at := p.Object.Root.Get("selinux"); p.Object.GroupKind() == "k3s.io/Config" && at.IsFalse() {
			p.Report(at, manifest.Subject{Class: "SELinux"}, "the containers of this node run without SELinux: selinux is false; true is expected")
		}
	},
}

// leavesGuards takes a command or an argument away that does nothing else, and
// turns a switch around.
func leavesGuards(f Finding, _ []*manifest.Object) []manifest.Edit {
	o := f.Node.Object()
	if o == nil {
		return nil
	}
	if o.GroupKind() == "k3s.io/Config" {
		return []manifest.Edit{manifest.SetTo(f.Node, "true")}
	}
	for _, start := range infra.StartUps(o) {
		for _, off := range start.Unguarded() {
			if keys := f.Node.Keys(); off.Alone && off.At.Path() == f.Node.Path() && len(keys) > 0 && keys[len(keys)-1].Index >= 0 {
				return []manifest.Edit{manifest.Remove(f.Node)}
			}
		}
	}
	return nil
}
