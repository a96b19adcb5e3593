package checks

import (
	"slices"
	"strconv"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var nodeVersionEOL = &Check{
	ID:       "node-version-eol",
	Title:    "Kubernetes version is out of support",
	Severity: Medium,
	Topic:    NodeHardening,
	Since:    "0.1.0",
	Why:      "Holes that are found in it are not closed any more.",
	Fix:      "Upgrade to a supported version, one minor version after the other.",
	Source:   "Kubernetes release history, kubernetes.io/releases; Amazon EKS release calendar",
	Aliases:  []string{"CKV_AWS_339", "C-0273"},
	Bad: `apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: main}
spec:
  version: v1.29.4 # want
  kubeadmConfigSpec:
    clusterConfiguration:
      apiServer:
        extraArgs:
          profiling: "false"
---
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: main
  region: eu-west-1
  version: "1.29" # want
`,
	Good: `apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: KubeadmControlPlane
metadata: {name: main}
spec:
  version: v1.36.1
  kubeadmConfigSpec:
    clusterConfiguration:
      apiServer:
        extraArgs:
          profiling: "false"
`,
	NearMiss: `apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: main}
spec:
  kubernetesVersion: ${KUBERNETES_VERSION}
`,
	Terraform: Examples{
		Bad: `resource "aws_eks_cluster" "main" {
  version = "1.29" # want
}

module "eks" {
  source          = "terraform-aws-modules/eks/aws"
  cluster_version = "1.28" # want
}

resource "google_container_cluster" "main" {
  min_master_version = "1.27.3-gke.100" # want
}

resource "azurerm_kubernetes_cluster" "main" {
  kubernetes_version = "1.28.5" # want
}
`,
		Good: `resource "aws_eks_cluster" "main" {
  version = "1.35"
}
`,
		NearMiss: `resource "aws_eks_cluster" "main" {
  version = var.kubernetes
}

resource "google_container_cluster" "main" {
  min_master_version = "latest"
}

variable "kubernetes" {}
`,
	},
	Run: func(p *Pass) {
		release, ok := infra.ReleaseOf(p.Object)
		if !ok {
			return
		}
		oldest := oldestSupported
		if release.Managed {
			oldest = oldestManaged
		}
		if release.Minor < oldest {
			p.Report(release.At, manifest.Subject{Class: strconv.Itoa(release.Minor)}, "Kubernetes 1.%d is out of support; 1.%d or newer is expected", release.Minor, oldest)
		}
	},
	// An older version than one that was out of support already is no better.
	Covers: func(base []string, head string) bool {
		minor, err := strconv.Atoi(head)
		return err == nil && slices.ContainsFunc(base, func(was string) bool {
			before, err := strconv.Atoi(was)
			return err == nil && before <= minor
		})
	},
}

// The oldest minor versions with support, as of 2026-11-25: upstream supports
// each for fourteen months, clouds for about as long after they offer it. They
// change with releases of this program and never with the clock, so that base
// and head are judged alike.
const (
	oldestSupported = 35
	oldestManaged   = 34
)
