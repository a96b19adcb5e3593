package checks

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

var iamWildcardResource = &Check{
	ID:       "iam-wildcard-resource",
	Title:    "Policy allows to write, or to read what is kept, on every resource",
	Severity: Medium,
	Topic:    CloudIAM,
	Since:    "0.1.0",
	Why:      "The secrets, the data and the resources of every other application of the account are in it.",
	Fix:      "Name the resources, or add a condition such as `aws:ResourceTag`.",
	Source:   "AWS Well-Architected Framework SEC03-BP02",
	Aliases: []string{"CKV_AWS_107", "CKV_AWS_108", "CKV_AWS_109", "CKV_AWS_111", "CKV_AWS_287", "CKV_AWS_288", "CKV_AWS_289", "CKV_AWS_290", "CKV_AWS_355", "CKV_AWS_356",
		"AWS-0057"},
	Covers: coversWrites,
	Within: []string{"iam-admin", "iam-wildcard-action", "iam-privesc"},
	Bad: serviceAccountPolicy(`          - Effect: Allow
            Action: [secretsmanager:GetSecretValue, "sqs:Send*"]
            Resource: "*" # want
`),
	Good: serviceAccountPolicy(`          - Effect: Allow
            Action: [secretsmanager:GetSecretValue, "sqs:Send*"]
            Resource: "arn:aws:sqs:eu-west-1:111122223333:orders"
`),
	NearMiss: serviceAccountPolicy(`          - Effect: Allow
            Action: ["ec2:Describe*", ecr:GetAuthorizationToken, cloudwatch:PutMetricData]
            Resource: "*"
          - Effect: Deny
            Action: s3:DeleteBucket
            Resource: "*"
`),
	Terraform: Examples{
		Bad: `data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"] # want
  }
}

resource "aws_iam_policy" "app" {
  policy = data.aws_iam_policy_document.app.json
}
`,
		Good: `data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.logs.arn}/*"]
  }
}
`,
		NearMiss: `data "aws_iam_policy_document" "app" {
  statement {
    actions   = ["ec2:TerminateInstances"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/team"
      values   = [var.team]
    }
  }
}
`,
	},
	Run: func(p *Pass) {
		for _, policy := range p.policies() {
			var order []manifest.Node
			writes, seen := map[*yaml.Node][]string{}, once{}
			for _, power := range policy.Powers() {
				if power.Not || power.All() || power.Service() != "" || power.Conditioned && !power.Limit().Exists() || !power.Everything() || !infra.Restrictable(power.Action) {
					continue
				}
				at := firstUnknown(everyResource(power.Statement), power.At, power.Limit())
				if writes[at.YAML()] == nil {
					order = append(order, at)
				}
				writes[at.YAML()] = append(writes[at.YAML()], power.Action)
			}
			for _, at := range order {
				actions := slices.Compact(slices.Sorted(slices.Values(writes[at.YAML()])))
				class := strings.Join(actions, ",")
				if seen.first(policy, class) {
					p.Report(at, ofPolicy(policy, class+" on *"), "%s allows %s on every resource; named resources or a condition are expected", infra.Described(p.Object), few(actions))
				}
			}
		}
	},
}

// everyResource is the place where a statement names every resource.
func everyResource(s infra.Statement) manifest.Node {
	for _, at := range s.Texts("Resource") {
		if at.Text() == "*" {
			return at
		}
	}
	if but := s.Get("NotResource"); but.Set() {
		return but
	}
	return s.Get("Resource")
}

// coversWrites says that base allowed each of the actions, on every resource.
func coversWrites(base []string, head string) bool {
	h := cutPower(head)
	for action := range strings.SplitSeq(h.action, ",") {
		one := h
		one.action = action
		if !slices.ContainsFunc(base, func(class string) bool {
			if escalates, _, isWay := strings.Cut(class, " on "); !isWay {
				return slices.Contains(strings.Split(escalates, ","), action)
			}
			wide := cutPower(class)
			return slices.ContainsFunc(strings.Split(wide.action, ","), func(action string) bool {
				wide.action = action
				return coversResources([]powerClass{wide}, one)
			})
		}) {
			return false
		}
	}
	return true
}
