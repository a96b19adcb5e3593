// Package images tells which known vulnerabilities container images have: it asks
// the user's scanner, a program that base's configuration names, or reads reports
// that a scanner wrote before. What it cannot learn is an error, never an empty
// answer.
package images

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/rendergate/rendergate/checks"
)

// Report is what a scanner says of one image.
type Report struct {
	Scanner string // trivy, grype or osv-scanner
	// Names and Digests are what the report calls its image: references in full, and
	// sha256:… of its content. Some scanners name none.
	Names, Digests []string
	Found          []checks.Vulnerability
	// Doubts are what the report itself says against its being complete.
	Doubts []string
}

// maxReport bounds a report: the largest images have some thousand vulnerabilities
// of some kilobytes each.
const maxReport = 64 << 20

// mostFound bounds what is taken from one report; more nobody reads, and half of
// them would be no answer.
const mostFound = 20_000

// Parse reads a report: JSON of trivy, grype or osv-scanner, or SARIF of trivy or
// grype. A report that is cut off, that has another form, or that is about anything
// but an image is an error.
func Parse(data []byte) (*Report, error) {
	if len(data) > maxReport {
		return nil, fmt.Errorf("the report has more than %d MiB", maxReport>>20)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("the report is empty")
	}
	// Field names are told apart exactly: two scanners differ in a capital only.
	var has map[string]json.RawMessage
	if err := json.Unmarshal(data, &has); err != nil {
		return nil, fmt.Errorf("the report is no JSON, or not all of it: %w", err)
	}
	var report *Report
	var err error
	switch {
	case has["runs"] != nil:
		report, err = parseSARIF(data)
	case has["SchemaVersion"] != nil:
		report, err = parseTrivy(data)
	case has["matches"] != nil:
		report, err = parseGrype(data)
	case has["results"] != nil:
		report, err = parseOSV(data)
	default:
		return nil, errors.New("the report is neither JSON of trivy, grype or osv-scanner nor SARIF of trivy or grype")
	}
	if err != nil {
		return nil, err
	}
	if len(report.Found) > mostFound {
		return nil, fmt.Errorf("the report has more than %d vulnerabilities", mostFound)
	}
	report.Found, err = once(report.Found)
	return report, err
}

// once leaves of a vulnerability that several copies of a package have one, the
// gravest, with the versions of all.
func once(all []checks.Vulnerability) ([]checks.Vulnerability, error) {
	type key struct{ id, name string }
	at := map[key]int{}
	var left []checks.Vulnerability
	for _, v := range all {
		if !isID(v.ID) || v.Package == "" {
			return nil, fmt.Errorf("the report has a vulnerability without an id or a package: %q of %q", v.ID, v.Package)
		}
		i, known := at[key{v.ID, v.Package}]
		if !known {
			at[key{v.ID, v.Package}] = len(left)
			left = append(left, v)
			continue
		}
		l := &left[i]
		if v.Severity > l.Severity {
			l.Severity, l.Rated = v.Severity, v.Rated
		}
		l.Version, l.Fixed = joined(l.Version, v.Version), joined(l.Fixed, v.Fixed)
	}
	slices.SortFunc(left, func(a, b checks.Vulnerability) int {
		return strings.Compare(a.ID+"\x00"+a.Package, b.ID+"\x00"+b.Package)
	})
	return left, nil
}

// isID says that a text can be the id of a vulnerability: one word.
func isID(id string) bool {
	return id != "" && len(id) <= 128 && !strings.ContainsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
}

func joined(all, one string) string {
	if one == "" || slices.Contains(strings.Split(all, ", "), one) {
		return all
	}
	return strings.TrimPrefix(all+", "+one, ", ")
}

// severities are the words of scanners. What a scanner does not rate is held for
// medium, and the word stays with it.
var severities = map[string]checks.Severity{
	"critical": checks.Critical, "high": checks.High, "medium": checks.Medium, "moderate": checks.Medium, "low": checks.Low, "negligible": checks.Low,
}

func rated(word string) (checks.Severity, string) {
	word = strings.ToLower(word)
	severity, known := severities[word]
	switch {
	case !known:
		return checks.Medium, "severity unknown"
	case severity.String() != word:
		return severity, word
	}
	return severity, ""
}

// scored is the severity of a CVSS score.
func scored(score float64) (checks.Severity, string) {
	switch {
	case score >= 9:
		return checks.Critical, ""
	case score >= 7:
		return checks.High, ""
	case score >= 4:
		return checks.Medium, ""
	case score > 0:
		return checks.Low, ""
	}
	return checks.Medium, "severity unknown"
}

// namesOf are references as everybody would write them in full; what is none, such
// as the path of an archive, is left out.
func namesOf(texts ...string) []string {
	var all []string
	for _, text := range texts {
		if r, err := ParseReference(text); err == nil && text != "" {
			all = append(all, r.String())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// digestsOf are the digests in references, and digests by themselves.
func digestsOf(texts ...string) []string {
	var all []string
	for _, text := range texts {
		_, digest, found := strings.Cut(text, "@")
		if !found {
			digest = text
		}
		if isDigest(digest) {
			all = append(all, digest)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
