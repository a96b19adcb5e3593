package infra

import (
	"fmt"

	"go.yaml.in/yaml/v3"
	"k8s.io/apiserver/pkg/apis/audit"
	"k8s.io/apiserver/pkg/apis/audit/validation"
	kubeaudit "k8s.io/apiserver/pkg/audit"
	"k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"

	"github.com/rendergate/rendergate/render/manifest"
)

// AuditPolicy is a policy of the API server's audit log, wherever it stands.
type AuditPolicy struct {
	At manifest.Node // its root

	whole kubeaudit.PolicyRuleEvaluator
	each  []kubeaudit.PolicyRuleEvaluator // a rule alone: whether it matches
}

// Request is a request that a policy is asked about.
type Request struct {
	User                                 string
	Groups                               []string
	Verb, Group, Resource, Sub, Name, In string
}

// Recorded is what a policy makes of a request.
type Recorded struct {
	Level audit.Level
	Ended bool          // the answer is recorded, not only the arrival
	By    manifest.Node // the rule that decides; the list of rules where none matches
}

// Bodies says that the request's body is recorded, or the answer's too.
func (r Recorded) Bodies() (request, response bool) {
	return r.Level == audit.LevelRequest || r.Level == audit.LevelRequestResponse, r.Level == audit.LevelRequestResponse
}

// Nothing says that nobody can see from the log that the request took place.
func (r Recorded) Nothing() bool { return r.Level == audit.LevelNone || !r.Ended }

// newAuditPolicy reads a policy as the API server does. An error is what the
// API server would refuse to start with.
func newAuditPolicy(at manifest.Node) (AuditPolicy, error) {
	text, err := yaml.Marshal(at.YAML())
	if err != nil {
		return AuditPolicy{At: at}, err
	}
	// As policy.LoadPolicyFromBytes, which writes to a logger of its own.
	read := &audit.Policy{}
	if _, _, err := kubeaudit.Codecs.UniversalDecoder().Decode(text, nil, read); err != nil {
		return AuditPolicy{At: at}, err
	}
	if errs := validation.ValidatePolicy(read); len(errs) > 0 {
		return AuditPolicy{At: at}, errs.ToAggregate()
	}
	if len(read.Rules) == 0 {
		return AuditPolicy{At: at}, fmt.Errorf("it has no rules")
	}
	p := AuditPolicy{At: at}
	for _, rule := range read.Rules {
		rule.Level = audit.LevelMetadata
		p.each = append(p.each, policy.NewPolicyRuleEvaluator(&audit.Policy{Rules: []audit.PolicyRule{rule}}))
	}
	p.whole = policy.NewPolicyRuleEvaluator(read)
	return p, nil
}

// Ask says what the policy makes of a request.
func (p AuditPolicy) Ask(r Request) Recorded {
	request := authorizer.AttributesRecord{
		User: &user.DefaultInfo{Name: r.User, Groups: r.Groups}, Verb: r.Verb, Namespace: r.In, APIGroup: r.Group, APIVersion: "v1",
		Resource: r.Resource, Subresource: r.Sub, Name: r.Name, ResourceRequest: true,
	}
	decided := p.whole.EvaluatePolicyRule(request)
	answer := Recorded{Level: decided.Level, Ended: true, By: p.At.Get("rules")}
	for _, stage := range decided.OmitStages {
		answer.Ended = answer.Ended && stage != audit.StageResponseComplete
	}
	for i, rule := range p.each {
		if rule.EvaluatePolicyRule(request).Level != audit.LevelNone {
			answer.By = p.At.Get("rules").Item(i)
			break
		}
	}
	return answer
}
