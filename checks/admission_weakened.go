package checks

import "strings"

var admissionWeakened = &Check{
	ID:       "admission-weakened",
	Title:    "Admission policy is weakened",
	Severity: High,
	Topic:    Hygiene,
	Since:    "0.2.0",
	Why:      "What the cluster refused until now gets in: the next change, by anybody, is not held to the rule any more.",
	Fix:      "Keep the guard and mend what it refuses; where one workload needs an exception, name that workload alone.",
	Source:   "MITRE ATT&CK T1562; NSA/CISA Kubernetes Hardening Guide, Admission controllers",
	Before: kyvernoPolicy + `---
` + denyBinding + `---
` + denyWebhook,
	Bad: strings.Replace(kyvernoPolicy, "Enforce", "Audit # want", 1) + `---
` + strings.Replace(denyBinding, "[Deny]", "[Warn] # want", 1) + `---
` + strings.Replace(strings.Replace(denyWebhook, "Fail", "Ignore # want", 1), "        resources: [pods]\n", "        resources: [pods]\n    namespaceSelector:\n      matchExpressions: [{key: guard, operator: In, values: [enabled]}] # want\n", 1),
	Good: strings.Replace(kyvernoPolicy, "[Pod]", "[Pod, Deployment]", 1) + `---
` + strings.Replace(denyBinding, "[Deny]", "[Deny, Audit]", 1) + `---
` + denyWebhook,
	NearMiss: strings.Replace(kyvernoPolicy, "name: labels", "name: all-labels", 1) + `---
` + denyBinding + `---
` + strings.Replace(denyWebhook, "        resources: [pods]\n", "        resources: [\"*\"]\n", 1),
	Compare: weakenedGuards(false),
}

const kyvernoPolicy = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: labels}
spec:
  validationFailureAction: Enforce
  rules:
    - name: team
      match:
        any: [{resources: {kinds: [Pod]}}]
      validate:
        message: every pod needs a team
        pattern: {metadata: {labels: {team: "?*"}}}
`

const denyBinding = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: replicas}
spec:
  policyName: replicas
  validationActions: [Deny]
`

const denyWebhook = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard}
webhooks:
  - name: guard.example.com
    clientConfig: {service: {name: guard, namespace: guard}}
    failurePolicy: Fail
    sideEffects: None
    admissionReviewVersions: [v1]
    rules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE]
        resources: [pods]
`
