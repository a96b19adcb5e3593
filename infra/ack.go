package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// ackKinds are resources of AWS Controllers for Kubernetes, which are made of the
// API that CloudFormation's are made of.
var ackKinds = map[string]string{
	"eks.services.k8s.aws/Cluster":     "AWS::EKS::Cluster",
	"eks.services.k8s.aws/Nodegroup":   "AWS::EKS::Nodegroup",
	"eks.services.k8s.aws/AccessEntry": "AWS::EKS::AccessEntry",

	"ec2.services.k8s.aws/LaunchTemplate": "AWS::EC2::LaunchTemplate",
	"ec2.services.k8s.aws/Instance":       "AWS::EC2::Instance",
	"ecr.services.k8s.aws/Repository":     "AWS::ECR::Repository",
}

func ackView(o *manifest.Object) (view, bool) {
	kind := ackKinds[o.GroupKind()]
	return view{kind, nil, ackNames}, kind != ""
}

// ackNames are CloudFormation's names as the controllers have them.
var ackNames = &manifest.Naming{Name: func(asked string) string {
	switch asked {
	case "Properties":
		return "spec"
	case "LaunchTemplateData":
		return "data"
	case "RepositoryPolicyText":
		return "policy"
	}
	words := words(asked)
	if len(words) == 0 {
		return asked
	}
	words[0] = strings.ToLower(words[0])
	for i, word := range words[1:] {
		if initials := ackInitials[word]; initials != "" {
			words[i+1] = initials
		}
	}
	return strings.Join(words, "")
}}

// ackInitials are the words that the controllers write in capitals.
var ackInitials = map[string]string{
	"Vpc": "VPC", "Arn": "ARN", "Arns": "ARNs", "Ip": "IP", "Ipv6": "IPv6", "Cidr": "CIDR", "Cidrs": "CIDRs", "Id": "ID", "Ids": "IDs", "Kms": "KMS", "Url": "URL",
}

// words are the words of a name whose words begin with capitals.
func words(name string) []string {
	var all []string
	for i, r := range name {
		if r >= 'A' && r <= 'Z' || i == 0 {
			all = append(all, "")
		}
		all[len(all)-1] += string(r)
	}
	return all
}

// ackEKS differs in how it lists the types of logs.
func ackEKS(o *manifest.Object) Cluster {
	c := stackEKS(o.As("AWS::EKS::Cluster", o.Root, ackNames))
	logging := o.Root.Get("spec", "logging", "clusterLogging")
	c.Audit = Setting{At: logging, Weak: true}
	for item := range logging.Items() {
		if item.Get("enabled").IsTrue() && has(item.Get("types"), "audit") {
			c.Audit.Weak = false
		}
		for _, n := range []manifest.Node{item.Get("enabled"), item.Get("types")} {
			if n.Undecided() {
				c.Audit.At = n
			}
		}
	}
	if first := logging.Item(0); first.Get("enabled").IsTrue() && logging.Len() == 1 {
		c.Audit.Mends = []manifest.Edit{manifest.AppendTo(first.Get("types"), "audit")}
	}
	return c
}

// ackSecurityGroup are the rules of a group that let the whole internet try SSH.
func ackSecurityGroup(o *manifest.Object) []Node {
	var n Node
	for rule := range o.Root.Get("spec", "ingressRules").Items() {
		for list, field := range map[string]string{"ipRanges": "cidrIP", "ipv6Ranges": "cidrIPv6"} {
			for item := range rule.Get(list).Items() {
				n.opens(rule, rule.Get("fromPort"), rule.Get("toPort"), rule.Get("ipProtocol"), item.Get(field))
			}
		}
	}
	return []Node{n}
}
