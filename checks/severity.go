package checks

import (
	"fmt"
	"strings"
)

// Severity ranks a finding. The zero value is None, which only thresholds use.
type Severity int

// Severities, from the lowest.
const (
	None Severity = iota
	Low
	Medium
	High
	Critical
)

var severityNames = []string{"none", "low", "medium", "high", "critical"}

func (s Severity) String() string {
	if s < None || s > Critical {
		return fmt.Sprintf("severity(%d)", int(s))
	}
	return severityNames[s]
}

// ParseSeverity reads low, medium, high or critical, and none where a
// threshold may be switched off.
func ParseSeverity(text string) (Severity, error) {
	for i, name := range severityNames {
		if strings.EqualFold(text, name) {
			return Severity(i), nil
		}
	}
	return None, fmt.Errorf("%q is no severity: use critical, high, medium, low or none", text)
}

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's name.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSeverity(string(text))
	return err
}

// Topic is one of the nine considerations, or hygiene beyond them.
type Topic string

// The nine considerations, and hygiene.
const (
	NodeHardening        Topic = "node-hardening"
	CloudIAM             Topic = "cloud-iam"
	RegistryAccess       Topic = "registry-access"
	DefaultNamespace     Topic = "default-namespace"
	PrivilegedContainers Topic = "privileged-containers"
	NetworkIsolation     Topic = "network-isolation"
	LatestImages         Topic = "latest-images"
	Components           Topic = "components"
	AuditLogging         Topic = "audit-logging"
	Hygiene              Topic = "hygiene"
)

// Topics lists the topics in the order in which documentation shows them.
var Topics = []Topic{
	NodeHardening, CloudIAM, RegistryAccess, DefaultNamespace, PrivilegedContainers,
	NetworkIsolation, LatestImages, Components, AuditLogging, Hygiene,
}
