package infra

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Escalation is a way by which the holder of a policy gets more than that says.
type Escalation struct {
	Class string // what the way is made of
	Way   string // for people
	At    manifest.Node
}

// alone are the actions that lead to other permissions by themselves, where they
// are allowed on anything: those of Rhino Security Labs' and PMapper's lists.
var alone = []string{
	"iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreateLoginProfile",
	"iam:CreatePolicyVersion", "iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary", "iam:PutGroupPolicy", "iam:PutRolePermissionsBoundary",
	"iam:PutRolePolicy", "iam:PutUserPermissionsBoundary", "iam:PutUserPolicy", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:UpdateLoginProfile",
	"sts:AssumeRole",
	"codebuild:UpdateProject", "ec2-instance-connect:SendSSHPublicKey", "glue:UpdateDevEndpoint", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
	"sagemaker:CreatePresignedNotebookInstanceUrl", "ssm:SendCommand", "ssm:StartSession",
}

// passed are the actions that start something with a role which is passed to it;
// of each list all are needed.
var passed = [][]string{
	{"autoscaling:CreateAutoScalingGroup", "autoscaling:CreateLaunchConfiguration"},
	{"autoscaling:CreateAutoScalingGroup", "ec2:CreateLaunchTemplate"},
	{"bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:InvokeCodeInterpreter"},
	{"cloudformation:CreateStack"},
	{"cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"},
	{"cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"},
	{"cloudformation:UpdateStack"},
	{"codebuild:CreateProject", "codebuild:StartBuild"},
	{"codebuild:CreateProject", "codebuild:StartBuildBatch"},
	{"codestar:CreateProject"},
	{"datapipeline:ActivatePipeline", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"},
	{"ec2:AssociateIamInstanceProfile"},
	{"ec2:ReplaceIamInstanceProfileAssociation"},
	{"ec2:RunInstances"},
	{"ecs:RegisterTaskDefinition", "ecs:CreateService"},
	{"ecs:RegisterTaskDefinition", "ecs:RunTask"},
	{"ecs:RegisterTaskDefinition", "ecs:StartTask"},
	{"ecs:RegisterTaskDefinition", "ecs:UpdateService"},
	{"glue:CreateDevEndpoint"},
	{"glue:CreateJob", "glue:CreateTrigger"},
	{"glue:CreateJob", "glue:StartJobRun"},
	{"glue:UpdateJob", "glue:CreateTrigger"},
	{"glue:UpdateJob", "glue:StartJobRun"},
	{"lambda:CreateFunction", "lambda:AddPermission"},
	{"lambda:CreateFunction", "lambda:CreateEventSourceMapping"},
	{"lambda:CreateFunction", "lambda:InvokeFunction"},
	{"sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"},
	{"sagemaker:CreateProcessingJob"},
	{"sagemaker:CreateTrainingJob"},
}

const passRole = "iam:PassRole"

// Escalations are the ways to more permissions that a policy opens. Of what
// includes every action nothing is said: that is worse.
func (p IAMPolicy) Escalations() []Escalation {
	var all []Escalation
	powers := p.Powers()
	for _, power := range powers {
		limit := power.Limit()
		if power.All() && !power.At.Unknown() || power.Not || power.Conditioned && !limit.Exists() || !power.Anything() {
			continue
		}
		if limit.Exists() && !power.At.Unknown() {
			power.At = limit
		}
		var gives []string
		for _, action := range alone {
			if power.Gives(action) {
				gives = append(gives, action)
			}
		}
		if len(gives) > 0 {
			all = append(all, Escalation{power.String(), strings.Join(gives, ", ") + " on any resource", power.At})
		}
		if power.Gives(passRole) {
			all = append(all, passing(power, powers))
		}
	}
	return all
}

// passing is the way of whoever may pass any role, with what it may start.
func passing(power Power, powers []Power) Escalation {
	var starts []string
	for _, way := range passed {
		if slices.ContainsFunc(way, func(action string) bool {
			return !slices.ContainsFunc(powers, func(other Power) bool { return !other.At.Unknown() && other.Gives(action) })
		}) {
			continue
		}
		starts = append(starts, strings.Join(way, "+"))
	}
	slices.Sort(starts)
	e := Escalation{strings.Join(append([]string{passRole}, starts...), ","), "iam:PassRole of any role", power.At}
	if len(starts) > 0 {
		e.Way += " with " + strings.Join(starts[:min(3, len(starts))], ", ")
	}
	return e
}
