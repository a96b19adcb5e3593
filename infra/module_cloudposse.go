package infra

import "github.com/rendergate/rendergate/render/manifest"

// The modules of Cloud Posse for EKS.
const cloudposseEKS, cloudpossePool = "cloudposse/eks-cluster/aws", "cloudposse/eks-node-group/aws"

// cloudposseCluster is their cluster, which all their majors leave open to everybody
// and without logs, and whose secrets they encrypt with a key of their own.
func cloudposseCluster(o *manifest.Object) Cluster {
	if !moduleFrom(o, cloudposseEKS) {
		return Cluster{}
	}
	return Cluster{
		Kind:     "EKS cluster",
		Endpoint: reachable(o.Root.Get("endpoint_public_access"), o.Root.Get("endpoint_private_access"), o.Root.Get("public_access_cidrs")),
		Audit:    audited(o.Root.Get("enabled_cluster_log_types")),
		Kept:     keptFor(o.Root.Get("cluster_log_retention_period")),
		Secrets:  explicit(o.Root.Get("cluster_encryption_config_enabled"), isFalse, "true"),
	}
}

// cloudposseNodes is their node group, which asks for tokens by itself.
func cloudposseNodes(o *manifest.Object) []Node {
	if !moduleFrom(o, cloudpossePool) {
		return nil
	}
	root := o.Root
	n := Node{
		Metadata: explicit(root.Get("metadata_http_tokens_required"), isFalse, "true"),
		Hops:     explicit(root.Get("metadata_http_put_response_hop_limit"), far, "1"),
		Disks:    moduleDisks(root), Push: pushPolicies(root.Get("node_role_policy_arns")),
	}
	for _, key := range itemsOf(root.Get("ec2_ssh_key_name")) {
		n.SSHKey = explicit(key, named, `""`)
		n.SSHKey.Mends = nil
	}
	return []Node{n}
}
