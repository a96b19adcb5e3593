package images

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/rendergate/rendergate/checks"
)

// sarifReport is SARIF, as far as it is needed.
type sarifReport struct {
	Runs []struct {
		Tool struct {
			Driver struct {
				Name  string      `json:"name"`
				Rules []sarifRule `json:"rules"`
			} `json:"driver"`
		} `json:"tool"`
		Results []struct {
			RuleID    string    `json:"ruleId"`
			Message   sarifText `json:"message"`
			Locations []struct {
				LogicalLocations []struct {
					FullyQualifiedName string `json:"fullyQualifiedName"`
				} `json:"logicalLocations"`
			} `json:"locations"`
		} `json:"results"`
		Properties struct {
			ImageName   string   `json:"imageName"`
			RepoTags    []string `json:"repoTags"`
			RepoDigests []string `json:"repoDigests"`
		} `json:"properties"`
	} `json:"runs"`
}

type sarifRule struct {
	ID   string    `json:"id"`
	Help sarifText `json:"help"`
}

type sarifText struct {
	Text string `json:"text"`
}

// parseSARIF reads what trivy and grype write for code scanning: the package
// stands only in the prose that both make by a fixed form.
func parseSARIF(data []byte) (*Report, error) {
	var s sarifReport
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("the SARIF cannot be read: %w", err)
	}
	if len(s.Runs) != 1 {
		return nil, fmt.Errorf("the SARIF has %d runs; one is expected, about one image", len(s.Runs))
	}
	run := s.Runs[0]
	r := &Report{Scanner: strings.ToLower(run.Tool.Driver.Name)}
	if r.Scanner != Trivy && r.Scanner != Grype {
		return nil, fmt.Errorf("the SARIF is by %q; that of trivy and of grype is known", run.Tool.Driver.Name)
	}
	helps := map[string]string{}
	for _, rule := range run.Tool.Driver.Rules {
		helps[rule.ID] = rule.Help.Text
	}
	for _, result := range run.Results {
		text := result.Message.Text
		if r.Scanner == Grype {
			text = helps[result.RuleID]
			for _, at := range result.Locations {
				for _, logical := range at.LogicalLocations {
					if parts := qualified.FindStringSubmatch(logical.FullyQualifiedName); parts != nil {
						r.Names = namesOf(append(r.Names, strings.TrimPrefix(parts[1], "registry:"))...)
					}
				}
			}
		}
		found, err := foundIn(text)
		if err != nil {
			return nil, fmt.Errorf("the SARIF of %s: result %s: %w", r.Scanner, result.RuleID, err)
		}
		r.Found = append(r.Found, found)
	}
	p := run.Properties
	r.Names = namesOf(append(append(r.Names, p.RepoTags...), p.ImageName)...)
	r.Digests = digestsOf(append(p.RepoDigests, p.ImageName)...)
	return r, nil
}

// qualified is how grype names a file in a layer of an image.
var qualified = regexp.MustCompile(`^(.+?)@(?:sha256:[0-9a-f]{64})?:/`)

// line is one of the prose of a result: a name, and what it is.
var line = regexp.MustCompile(`(?m)^(Package|Installed Version|Version|Severity|Fixed Version|Fix Version): ?(.*?)\r?$|^Vulnerability (\S+)\r?$`)

// foundIn is the vulnerability that a result of either scanner tells of.
func foundIn(text string) (checks.Vulnerability, error) {
	var v checks.Vulnerability
	word := ""
	for _, part := range line.FindAllStringSubmatch(text, -1) {
		value := strings.TrimSpace(part[2])
		switch part[1] {
		case "Package":
			v.Package = value
		case "Installed Version", "Version":
			v.Version = value
		case "Fixed Version", "Fix Version":
			v.Fixed = strings.Join(strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }), ", ")
		case "Severity":
			word = value
		default:
			v.ID = part[3]
		}
	}
	if v.ID == "" || v.Package == "" || word == "" {
		return v, errors.New("it does not say which vulnerability of which package it is about")
	}
	v.Severity, v.Rated = rated(word)
	return v, nil
}
