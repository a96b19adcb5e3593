package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var cniNoPolicy = &Check{
	ID:       "cni-no-policy",
	Title:    "Cluster's network does not enforce network policies",
	Severity: Medium,
	Topic:    NetworkIsolation,
	Since:    "0.1.0",
	Why:      "The API server accepts every NetworkPolicy, and nothing enforces it: each one is decoration.",
	Fix:      "Use a network that enforces policies (Calico, Cilium, the provider's own), or switch the enforcement on.",
	Source:   "CIS Amazon EKS 5.4.4; CIS GKE 5.6.7; Kubernetes documentation, Network Policies, Prerequisites",
	Aliases:  []string{"CKV_GCP_12", "CKV_AZURE_7", "GCP-0056", "AZU-0043", "C-0230", "C-0240"},
	Bad: `apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  networking:
    kubenet: {} # want
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: kube-flannel-ds, namespace: kube-flannel}
spec:
  selector: {matchLabels: {app: flannel}}
  template:
    metadata: {labels: {app: flannel}}
    spec:
      containers:
        - name: kube-flannel
          image: docker.io/flannel/flannel:v0.26.1 # want
          command: [/opt/bin/flanneld]
---
apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  networkPolicy: {enabled: false} # want
---
apiVersion: k3d.io/v1alpha5
kind: Simple
metadata: {name: dev}
options:
  k3s:
    extraArgs:
      - arg: --disable-network-policy # want
        nodeFilters: ["server:*"]
`,
	Good: `apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  networking:
    cilium: {}
---
apiVersion: container.cnrm.cloud.google.com/v1beta1
kind: ContainerCluster
metadata: {name: main}
spec:
  datapathProvider: ADVANCED_DATAPATH
`,
	NearMiss: `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: canal, namespace: kube-system}
spec:
  selector: {matchLabels: {app: canal}}
  template:
    metadata: {labels: {app: canal}}
    spec:
      containers:
        - name: calico-node
          image: quay.io/calico/node:v3.29.0
        - name: kube-flannel
          image: docker.io/flannel/flannel:v0.26.1
          command: [/opt/bin/flanneld]
---
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: other}
spec:
  networking:
    amazonvpc: {networkPolicy: true}
`,
	Terraform: Examples{
		Bad: `resource "google_container_cluster" "main" { # want
  name = "main"
}

resource "azurerm_kubernetes_cluster" "main" {
  network_profile { # want
    network_plugin = "azure"
  }
}

resource "aws_eks_addon" "cni" {
  addon_name           = "vpc-cni"
  configuration_values = jsonencode({ enableNetworkPolicy = "false" }) # want
}
`,
		Good: `resource "google_container_cluster" "main" {
  network_policy {
    enabled = true
  }
}

resource "azurerm_kubernetes_cluster" "main" {
  network_profile {
    network_policy = "cilium"
  }
}
`,
		NearMiss: `resource "google_container_cluster" "main" {
  datapath_provider = "ADVANCED_DATAPATH"
}

resource "google_container_cluster" "autopilot" {
  enable_autopilot = true
}

resource "aws_eks_addon" "cni" {
  addon_name = "vpc-cni"
}

resource "azurerm_kubernetes_cluster" "main" {
  network_profile {
    network_policy = var.policy
  }
}

variable "policy" {}
`,
	},
	RunTarget: func(p *Pass) {
		report := func(at manifest.Node, what, accepted string) {
			p.Report(at, manifest.Subject{Class: what}, "%s does not enforce network policies; %s is expected", what, accepted)
		}
		for _, o := range p.Objects {
			switch o.GroupKind() {
			case "kops.k8s.io/Cluster":
				kopsNetwork(o.Root.Get("spec", "networking"), report)
			case "infrastructure.cluster.x-k8s.io/AzureManagedControlPlane":
				if at := o.Root.Get("spec", "networkPolicy"); at.Text() == "none" {
					report(at, "networkPolicy: none", "azure, calico or cilium")
				}
			case "k3d.io/Simple":
				for item := range o.Root.Get("options", "k3s", "extraArgs").Items() {
					if at := item.Get("arg"); strings.HasPrefix(at.Text(), "--disable-network-policy") && !strings.HasSuffix(at.Text(), "=false") {
						report(at, "--disable-network-policy", "the flag to be absent")
					}
				}
			case "ConfigMap":
				if at := o.Root.Get("data", "enable-network-policy-controller"); o.Name == "amazon-vpc-cni" && at.Text() == "false" {
					report(at, "enable-network-policy-controller: false", "true")
				}
			}
			if c, ok := infra.ClusterOf(o); ok && c.Network.Weak {
				report(c.Network.At, c.Network.Who, "one that does")
			}
			flannelAlone(p.Together(), o, report)
		}
		for _, o := range p.Objects {
			for c := range o.Containers() {
				if flags, ok := infra.Command(c, "kubelet"); ok && flags["network-plugin"].Value == "kubenet" {
					report(flags["network-plugin"].At, "kubenet", "a network that enforces them")
				}
			}
		}
	},
}

// kopsNetwork reads which network kOps installs. Flannel comes alone with it.
func kopsNetwork(networking manifest.Node, report func(manifest.Node, string, string)) {
	for _, name := range []string{"kubenet", "flannel", "kopeio", "external", "classic"} {
		if at := networking.Get(name); at.Exists() && name != "external" {
			report(at, "kOps networking "+name, "calico, cilium, kuberouter, or amazonvpc with networkPolicy")
		}
	}
	if at := networking.Get("amazonvpc"); at.Exists() && !at.Get("networkPolicy").IsTrue() {
		report(firstUnknown(at, at.Get("networkPolicy")), "kOps networking amazonvpc without networkPolicy", "networkPolicy: true")
	}
}

// flannelAlone finds flannel without anything beside it that enforces policies.
func flannelAlone(all []*manifest.Object, o *manifest.Object, report func(manifest.Node, string, string)) {
	for c := range o.Containers() {
		image := c.Get("image")
		if !runsFlannel(c) {
			continue
		}
		if !slices.ContainsFunc(all, enforcesPolicies) {
			report(image, "flannel", "Calico, Cilium or another enforcer beside it or instead of it")
		}
		return
	}
}

func runsFlannel(c manifest.Container) bool {
	_, daemon := infra.Command(c, "flanneld")
	return daemon && c.List == manifest.Containers
}

// enforcesPolicies says that a workload is what enforces network policies; one
// whose containers nobody knows may be.
func enforcesPolicies(o *manifest.Object) bool {
	if o.Root.Get("spec", "template", "spec", "containers").HasUnknown() {
		return true
	}
	for c := range o.Containers() {
		image := c.Get("image").Text()
		for _, name := range []string{"calico/node", "cilium/cilium", "kube-network-policies", "kube-router", "antrea", "weave-npc"} {
			if strings.Contains(image, name) {
				return true
			}
		}
	}
	return false
}
