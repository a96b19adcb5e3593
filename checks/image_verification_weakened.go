package checks

import "strings"

var imageVerificationWeakened = &Check{
	ID:       "image-verification-weakened",
	Title:    "Verification of images is weakened",
	Severity: Medium,
	Topic:    RegistryAccess,
	Since:    "0.2.0",
	Why:      "An image that nobody signed, or somebody else, runs where until now only one's own builds did.",
	Fix:      "Keep verifying, and sign what is refused; where an image of others has no signature, exempt that one by its digest.",
	Source:   "CIS GKE 4.5.1; SLSA, Verifying artifacts; NSA/CISA Kubernetes Hardening Guide",
	Aliases:  []string{"C-0236", "C-0237"},
	Before:   verifyPolicy + "---\n" + sigstorePolicy,
	Bad: strings.Replace(verifyPolicy, "failureAction: Enforce", "failureAction: Audit # want", 1) + "---\n" +
		strings.Replace(sigstorePolicy, "mode: enforce", "mode: warn # want", 1),
	Good:     strings.Replace(verifyPolicy, "[ghcr.io/acme/*]", "[ghcr.io/acme/*, registry.example.com/*]", 1) + "---\n" + sigstorePolicy,
	NearMiss: verifyPolicy + "---\n" + strings.Replace(sigstorePolicy, "  mode: enforce\n", "", 1),
	Terraform: Examples{
		Before:   binaryAuthorization("REQUIRE_ATTESTATION"),
		Bad:      binaryAuthorization("ALWAYS_ALLOW"),
		Good:     binaryAuthorization("ALWAYS_DENY"),
		NearMiss: binaryAuthorization("REQUIRE_ATTESTATION") + "\nresource \"google_binary_authorization_attestor\" \"other\" {\n  name = \"other\"\n}\n",
	},
	Compare: weakenedGuards(true),
}

const verifyPolicy = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: signed}
spec:
  rules:
    - name: ours
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages:
        - imageReferences: [ghcr.io/acme/*]
          failureAction: Enforce
          attestors: [{entries: [{keyless: {subject: "https://github.com/acme/*", issuer: "https://token.actions.githubusercontent.com"}}]}]
`

const sigstorePolicy = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: signed}
spec:
  mode: enforce
  images: [{glob: "ghcr.io/acme/**"}]
  authorities: [{keyless: {url: "https://fulcio.sigstore.dev"}}]
`

func binaryAuthorization(mode string) string {
	want := ""
	if mode == "ALWAYS_ALLOW" {
		want = " # want"
	}
	return `resource "google_binary_authorization_policy" "policy" {
  default_admission_rule {
    evaluation_mode         = "` + mode + `"` + want + `
    enforcement_mode        = "ENFORCED_BLOCK_AND_AUDIT_LOG"
    require_attestations_by = [google_binary_authorization_attestor.ci.name]
  }
}
`
}
